"""The ways to call, by the scheme of the target."""

from typing import Protocol, cast

from dtmfphone.calls.call import Call, CallContext, CallError
from dtmfphone.calls.plugin import plugin

WAYS = {
    "builtin": "dtmfphone.calls.builtin",
    "http": "dtmfphone.calls.webrtc.call",
    "https": "dtmfphone.calls.webrtc.call",
    "rtp": "dtmfphone.calls.rtp.call",
    "sip": "dtmfphone.calls.sip.call",
    "sips": "dtmfphone.calls.sip.call",
    "tel": "dtmfphone.calls.sip.call",
    "whip+http": "dtmfphone.calls.webrtc.call",
    "whip+https": "dtmfphone.calls.webrtc.call",
}
"""Scheme to the module that offers `open_call(target, context) -> Call`; imported when first used."""


class Way(Protocol):
    """A module that knows one way to call."""

    def open_call(self, target: str, context: CallContext) -> Call:
        """Return a call to the target, not placed yet."""
        ...


def open_call(target: str, context: CallContext) -> Call:
    """Return a call to `scheme:...`, not placed yet; raise CallError for a scheme that nobody knows."""
    scheme, colon, _ = target.partition(":")
    module = WAYS.get(scheme.lower()) if colon else None
    if module is None:
        raise CallError(
            f"{target!r} is not a target that dtmfphone can call.",
            "Use builtin:reception, sip:user@host, rtp://host:port, http(s)://... or whip+http(s)://...",
        )
    return cast(Way, plugin(module)).open_call(target, context)
