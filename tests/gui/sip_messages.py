"""SIP messages as the engine reports them."""

from dtmfphone.engine.events import Direction, SignallingMessage


def message(
    first: str,
    cseq: str = "1 INVITE",
    *,
    t: float = 1.0,
    direction: Direction = "sent",
    remote: str = "192.0.2.1:5060",
    dialog: str = "d1",
    body: str = "",
) -> SignallingMessage:
    lines = (first, "Via: SIP/2.0/UDP 192.0.2.9", f"Call-ID: {dialog}", f"CSeq: {cseq}", "", body)
    return SignallingMessage(
        t=t,
        direction=direction,
        transport="udp",
        local="192.0.2.9:5060",
        remote=remote,
        summary=first[:20],
        text="\r\n".join(lines),
        call="c1",
        dialog=dialog,
    )


def invite(t: float = 1.0, remote: str = "192.0.2.1:5060", dialog: str = "d1") -> SignallingMessage:
    return message("INVITE sip:bob@192.0.2.1 SIP/2.0", t=t, remote=remote, dialog=dialog)


def response(
    status: str, cseq: str = "1 INVITE", *, t: float = 1.0, remote: str = "192.0.2.1:5060", dialog: str = "d1"
) -> SignallingMessage:
    return message(f"SIP/2.0 {status}", cseq, t=t, direction="received", remote=remote, dialog=dialog)
