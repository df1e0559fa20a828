"""Messages and addresses that the tests of the SIP layers share."""

from dtmfphone.sip.flow import Flow

US = Flow("udp", "192.0.2.1", 5060)
THEM = Flow("udp", "192.0.2.9", 5070)


def message(text: str, body: str = "") -> bytes:
    """Return a message as bytes; lines of the text end with CRLF, and white space around it is left out."""
    return (text.strip() + "\n\n").replace("\n", "\r\n").encode() + body.encode()


INVITE = message("""
INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag=a1
To: <sip:bob@example.com>
Call-ID: call-1@192.0.2.9
CSeq: 7 INVITE
Contact: <sip:alice@192.0.2.9:5070>
Content-Length: 0
""")

OPTIONS = INVITE.replace(b"INVITE", b"OPTIONS").replace(b"z9hG4bKabc", b"z9hG4bKopt").replace(b"call-1", b"call-2")

OK = message("""
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport
From: "Alice" <sip:alice@example.com>;tag=a1
To: <sip:bob@example.com>;tag=b1
Call-ID: call-1@192.0.2.9
CSeq: 7 INVITE
Content-Length: 0
""")
