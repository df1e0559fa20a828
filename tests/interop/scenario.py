"""Scenarios for sipp, step by step: what it waits for, what it sends."""

import re
from xml.sax.saxutils import quoteattr

_TAG = "tag=[pid]far[call_number]"
_OWN = "sip:sipp@[local_ip]:[local_port];transport=[transport]"
_CONTACT = f"Contact: <{_OWN}>"
_EXPRESSIONS = (
    ("Contact", "sip:[^>]*", "target"),
    ("From", "[^ ].*", "caller"),
    ("To", "[^ ].*", "called"),
    ("Via", "[^ ].*", "via"),
    ("CSeq", "[0-9]+", "number"),
)

EVENT_ATTRIBUTES = ("rtpmap:101 telephone-event/8000", "fmtp:101 0-15")


def scenario(*steps: str) -> str:
    """Return the XML document."""
    text = "".join(steps)
    # sipp refuses a variable that is set but never used.
    names = ",".join(sorted(set(re.findall(r'assign_to="(\w+)"', text))))
    used = f'<Reference variables="{names}"/>\n' if names else ""
    return f'<?xml version="1.0"?>\n<scenario>\n{text}{used}</scenario>\n'


def receive(message: str, *, optional: bool = False, routes: bool = False, actions: str = "") -> str:
    """Wait for a request by its method, or for a response by its status; note the route set if asked to."""
    kind = f'response="{message}"' if message.isdigit() else f'request="{message}"'
    if message in ("401", "407"):
        kind += ' auth="true"'
    if routes:
        kind += ' rrs="true"'
    kind += ' optional="true"' if optional else ' timeout="8000"'
    return f"<recv {kind}><action>{actions}</action></recv>\n"


def receive_invite() -> str:
    """Wait for the INVITE of a call, and note who calls and where from."""
    actions = "".join(noting(*each) for each in _EXPRESSIONS)
    return receive("INVITE", routes=True, actions=actions)


def receive_answer() -> str:
    """Wait for the 200 to a call of our own, whatever rings before."""
    provisional = "".join(receive(status, optional=True) for status in ("100", "180", "183"))
    return provisional + receive("200", routes=True)


def noting(header: str, expression: str, name: str) -> str:
    """An action of `receive`: keep what matches in a header as `[$name]`."""
    return f'<ereg regexp={quoteattr(expression)} search_in="hdr" header="{header}:" assign_to="{name}"/>'


def matching(header: str, expression: str) -> str:
    """An action of `receive`: a header must match."""
    return (
        f'<ereg regexp={quoteattr(expression)} search_in="hdr" header="{header}:" check_it="true" assign_to="checked"/>'
    )


def pause(milliseconds: int) -> str:
    """Wait."""
    return f'<pause milliseconds="{milliseconds}"/>\n'


def sdp(
    *,
    payload_types: str = "0 101",
    attributes: tuple[str, ...] = EVENT_ATTRIBUTES,
    host: str = "[media_ip]",
    version: int = 1,
) -> str:
    """A session description: audio at the port where sipp echoes RTP."""
    lines = [
        "v=0",
        f"o=sipp 53655765 {version} IN IP[local_ip_type] [local_ip]",
        "s=-",
        f"c=IN IP[media_ip_type] {host}",
        "t=0 0",
        f"m=audio [media_port] RTP/AVP {payload_types}",
        *(f"a={attribute}" for attribute in attributes),
    ]
    return "\n".join(lines) + "\n"


def reply(status: str, *headers: str, body: str = "", tag: str = _TAG, contact: str = _CONTACT) -> str:
    """Answer the last request; `tag` is empty inside of a dialog, where To has one."""
    lines = [
        f"SIP/2.0 {status}",
        "[last_Via:]",
        "[last_Record-Route:]",
        "[last_From:]",
        "[last_To:]" + (f";{tag}" if tag else ""),
        "[last_Call-ID:]",
        "[last_CSeq:]",
        contact,
        *headers,
    ]
    return _send(lines, body)


def reply_to_invite(status: str, *headers: str, body: str = "", tag: str = _TAG) -> str:
    """Answer the INVITE when other requests came after it."""
    lines = [
        f"SIP/2.0 {status}",
        "Via: [$via]",
        "From: [$caller]",
        f"To: [$called];{tag}",
        "Call-ID: [call_id]",
        "CSeq: [$number] INVITE",
        _CONTACT,
        *headers,
    ]
    return _send(lines, body)


def answer(*headers: str, description: str = "") -> str:
    """Answer the INVITE with 200."""
    return reply("200 OK", *headers, body=description or sdp())


def done() -> str:
    """Answer the last request of the dialog with 200."""
    return reply("200 OK", tag="")


def request(method: str, *headers: str, body: str = "", content_type: str = "application/sdp") -> str:
    """Send a request in the dialog of a call that came in."""
    lines = [
        f"{method} [$target] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        f"From: [$called];{_TAG}",
        "To: [$caller]",
        "Call-ID: [call_id]",
        f"CSeq: [cseq] {method}",
        _CONTACT,
        "Max-Forwards: 70",
        *headers,
    ]
    return _send(lines, body, content_type=content_type, repeated=method != "ACK")


def call(*headers: str, body: str = "") -> str:
    """Send the INVITE of a call of our own."""
    return outgoing("INVITE", *headers, body=body, first=True)


def outgoing(
    method: str,
    *headers: str,
    body: str = "",
    content_type: str = "application/sdp",
    first: bool = False,
    to_tag: str = "",
) -> str:
    """Send a request in the dialog of a call of our own, on its route; or, as the first one, outside of any."""
    called = "sip:[service]@[remote_ip]:[remote_port]"
    tag = (f";tag={to_tag}" if to_tag else "") if first else "[peer_tag_param]"
    lines = [
        f"{method} {called if first else '[next_url]'} SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        f"From: <{_OWN}>;tag=[pid]us[call_number]",
        f"To: <{called}>{tag}",
        "Call-ID: [call_id]",
        f"CSeq: [cseq] {method}",
        _CONTACT,
        "Max-Forwards: 70",
        "" if first else "[routes]",
        *headers,
    ]
    return _send(lines, body, content_type=content_type, repeated=method != "ACK")


def _send(lines: list[str], body: str, *, content_type: str = "application/sdp", repeated: bool = False) -> str:
    typed = [f"Content-Type: {content_type}"] if body else []
    text = "\n".join([*filter(None, lines), *typed, "Content-Length: [len]", "", body])
    retrans = ' retrans="500"' if repeated else ""
    return f"<send{retrans}><![CDATA[\n{text}\n]]></send>\n"
