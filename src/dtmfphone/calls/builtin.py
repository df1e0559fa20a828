"""Calls to the built-in IVR: a second real peer in the engine (ICE, DTLS, SRTP over UDP on loopback)."""

from dtmfphone.calls.call import CallContext
from dtmfphone.calls.webrtc.call import Answer, WebRtcCall
from dtmfphone.calls.webrtc.incoming import WebRtcIncoming

CALLER = "dtmfphone"


def open_call(target: str, context: CallContext) -> WebRtcCall:
    """Return a call to `builtin:NAME`."""
    name = target.partition(":")[2] or "reception"

    async def exchange(offer: str) -> Answer:
        call = WebRtcIncoming(offer, CALLER, loopback_only=True)
        context.answer_builtin(name, call)
        try:
            return Answer(await call.answer(), call.ended_by_caller)
        except BaseException:
            await call.ended_by_caller()
            raise

    return WebRtcCall(exchange, context, loopback_only=True)
