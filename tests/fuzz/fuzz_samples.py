"""What is right before it is damaged."""

from typing import Final

from dtmfphone.rtp import rtcp
from dtmfphone.rtp.packet import RtpPacket


def message(*lines: str, body: bytes = b"") -> bytes:
    """Return a SIP message."""
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


SDP: Final = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
)
INVITE: Final = message(
    "INVITE sip:bob@192.0.2.1:5060;transport=udp SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport, SIP/2.0/TCP [2001:db8::9];branch=z9hG4bKdef",
    'From: "Alice, \\"A\\"" <sip:alice@example.com>;tag=a1',
    "To: <sip:bob@example.com>",
    "Call-ID: call-1@192.0.2.9",
    "CSeq: 7 INVITE",
    'Contact: <sip:alice@192.0.2.9:5070>;expires=60;+sip.instance="<urn:uuid:1>"',
    "Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com:5080;transport=tcp;lr>",
    "Max-Forwards: 70",
    "Supported: 100rel, timer",
    "Session-Expires: 1800;refresher=uac",
    "Content-Type: application/sdp",
    body=SDP,
)
OK: Final = message(
    "SIP/2.0 200 OK",
    "v: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKxyz;received=192.0.2.7;rport=5062",
    "f: <sip:bob@example.com>;tag=b1",
    "t: <sip:alice@example.com>;tag=a1",
    "i: call-2@192.0.2.1",
    "CSeq: 1 INVITE",
    "m: <sip:alice@192.0.2.9:5070;transport=tcp>",
    'Warning: 399 example.com "odd"',
    "c: application/sdp",
    body=SDP,
)
CHALLENGES: Final = (
    b'Digest realm="a, b", nonce="n\\"1", qop="auth,auth-int", algorithm=SHA-256, opaque="o", stale=true',
    b'Digest realm="a",nonce="1", Digest realm="b", nonce="2", algorithm=MD5-sess, qop=auth',
    b'Basic realm="x", Digest nonce=1, realm=unquoted, Bearer',
)
UNAUTHORIZED: Final = message(
    "SIP/2.0 401 Unauthorized",
    *OK.decode().split("\r\n")[1:6],
    f"WWW-Authenticate: {CHALLENGES[0].decode()}",
    f"Proxy-Authenticate: {CHALLENGES[1].decode()}",
)
INFO: Final = message(
    "INFO sip:alice@192.0.2.1 SIP/2.0",
    *INVITE.decode().split("\r\n")[1:5],
    "CSeq: 8 INFO",
    "Content-Type: application/dtmf-relay",
    body=b"Signal=5\r\nDuration=160\r\n",
)
MESSAGES: Final = (INVITE, OK, UNAUTHORIZED, INFO)
AUDIO: Final = RtpPacket(payload_type=0, marker=False, sequence=1, timestamp=160, ssrc=7, payload=b"\xff" * 160)
EVENT: Final = bytes([5, 10, 0, 160])
RTP: Final = (
    bytes(AUDIO),
    bytes.fromhex("90e503e9000f424000000007bede000110300000") + EVENT,
    bytes.fromhex("a26f03ea000f42e0000000070000000100000002") + b"opus" + b"\0\0\3",
    bytes(RtpPacket(payload_type=9, marker=True, sequence=2, timestamp=320, ssrc=8, payload=b"\x12" * 80)),
)
_BLOCK: Final = rtcp.ReportBlock(ssrc=9, fraction_lost=1, lost=-3, highest=70000, jitter=12, last_report=1, delay=65536)
RTCP: Final = (
    rtcp.compound(
        (
            rtcp.SenderReport(ssrc=7, ntp=1 << 40, timestamp=160, packets=1, octets=160, reports=(_BLOCK,)),
            rtcp.SourceDescription(((7, "a@b"),)),
        )
    ),
    rtcp.compound((rtcp.ReceiverReport(ssrc=7, reports=(_BLOCK, _BLOCK)), rtcp.Bye((7, 8), "over"))),
)
