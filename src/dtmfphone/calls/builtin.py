"""Calls to the built-in IVR: a second real peer in the engine (ICE, DTLS, SRTP over UDP on loopback)."""

from functools import partial

from dtmfphone.calls.call import CallContext
from dtmfphone.calls.webrtc.call import WebRtcCall


def open_call(target: str, context: CallContext) -> WebRtcCall:
    """Return a call to `builtin:NAME`."""
    name = target.partition(":")[2] or "reception"
    return WebRtcCall(partial(context.answer_builtin, name), context, loopback_only=True)
