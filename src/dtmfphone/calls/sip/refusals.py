"""What a far end's refusal means, in plain words (RFC 3261 section 21)."""

from typing import Final

from dtmfphone.calls.call import CallError
from dtmfphone.sip.digest import AuthenticationError

_PLAIN: Final[dict[int, tuple[str, str]]] = {
    300: ("offers several other addresses", "Call one of them."),
    301: ("has moved", "Ask for its new address."),
    302: ("redirects the call, but to no address that is left to try", "Ask its operator for the right address."),
    305: ("wants the call to come by way of a proxy", "Set that proxy as the outbound proxy."),
    380: ("offers another service in place of the call", "Ask its operator."),
    400: ("found a mistake in our request", "Look at its words in the SIP trace."),
    401: ("does not take the user name and password", "Check both, and the realm in the SIP trace."),
    402: ("wants to be paid first", "Check the account's credit."),
    403: ("forbids the call", "Check the account, and what it is allowed to call."),
    404: ("does not know this number or user", "Check the address."),
    405: ("takes no calls at this address", "Check the address: it may be a registrar or a proxy."),
    406: ("cannot answer in a form that we take", "Choose another codec."),
    407: ("does not take the user name and password", "Check both, and the realm in the SIP trace."),
    408: ("was not reached in time", "Check that the far end is registered and runs, then call again."),
    410: ("is not at this address any more", "Ask for its new address."),
    413: ("finds the request too long", "Offer fewer codecs."),
    414: ("finds the address too long", "Shorten the address."),
    415: ("does not take a call described by SDP", "Check what its operator expects."),
    416: ("does not know addresses of this kind", "Use sip:user@host."),
    420: ("does not know an extension that the call needs", "Look at its words in the SIP trace."),
    421: ("wants an extension that we do not have", "Look at its words in the SIP trace."),
    423: ("wants a longer time", "Try again."),
    433: ("takes no anonymous calls", "Call with an account."),
    480: ("cannot be reached now", "Call again later; it may not be registered."),
    481: ("does not know the call any more", "Call again."),
    482: ("found that the call came round to it again", "Check the proxy and the routing."),
    483: ("gave up: the call passed too many proxies", "Check the proxy and the routing."),
    484: ("finds the number incomplete", "Dial the whole number."),
    485: ("finds the address ambiguous", "Dial the whole number or address."),
    486: ("is busy", "Call again later."),
    487: ("ended the call before it was answered", "Call again."),
    488: ("does not take what we offer: no codec or encryption in common", "Choose other codecs, or SRTP on or off."),
    491: ("is changing the call itself just now", "Try again in a moment."),
    493: ("cannot read what was encrypted", "Call without encryption of the body."),
    494: ("wants a security agreement that we do not have", "Ask its operator."),
    500: ("failed inside", "Look into the server's log, or call again later."),
    501: ("cannot take calls", "Check the address and the port."),
    502: ("had no good answer from the server behind it", "Call again later."),
    503: ("is overloaded or not in service", "Call again later."),
    504: ("had no answer from the server behind it in time", "Call again later."),
    505: ("does not speak SIP/2.0", "Check the address and the port."),
    513: ("finds the request too long", "Offer fewer codecs."),
    580: ("could not meet the conditions of the call", "Call again later."),
    600: ("is busy everywhere", "Call again later."),
    603: ("declined the call", "Call again later."),
    604: ("does not exist anywhere", "Check the address."),
    606: ("does not take what we offer: no codec or encryption in common", "Choose other codecs, or SRTP on or off."),
    607: ("does not want this call", "Do not call again."),
    608: ("was not asked: something on the way rejected the call", "Ask the operator of the network."),
}
_BY_CLASS: Final[dict[int, tuple[str, str]]] = {
    3: ("redirects the call to where we do not follow", "Ask its operator for the right address."),
    4: ("did not take the call", "Look at its words in the SIP trace."),
    5: ("failed", "Call again later."),
    6: ("did not take the call", "Call again later."),
}
_REGISTRATION: Final[dict[int, tuple[str, str]]] = {
    401: ("does not take the user name and password", "Check both, and the realm in the SIP trace."),
    403: ("forbids the registration", "Check the address, the user name and the password."),
    404: ("does not know this address", "Check the user and the domain of the account."),
    405: ("takes no registrations", "Switch registration off for this account, or check the registrar's address."),
    407: ("does not take the user name and password", "Check both, and the realm in the SIP trace."),
    408: ("was not reached in time", "Check the registrar's address and the network."),
    423: ("wants registrations to last longer", "Raise the account's expiry time."),
    501: ("takes no registrations", "Switch registration off for this account, or check the registrar's address."),
    503: ("is overloaded or not in service", "It is tried again by itself."),
}


def refused(
    who: str, status: int, reason: str, text: str, *, password: bool, unproved: AuthenticationError | None = None
) -> CallError:
    """Return what a final status says of a call, with the far end's own words.

    `text`: of Reason and Warning headers; `password`: whether we had one to give; `unproved`: why it was not taken.
    """
    cause, remedy = _PLAIN.get(status) or _BY_CLASS.get(status // 100) or ("did not take the call", "Call again later.")
    if status in (401, 407) and not password:
        cause = "wants a user name and a password"
        remedy = "Give them with the account, or as --user and --password-env."
    elif unproved is not None:
        cause, remedy = unproved.cause, unproved.remedy
    return CallError(f"{who} {cause} ({words(status, reason, text)}).", remedy)


def registration_refused(
    registrar: str, status: int | None, text: str, *, password: bool, unproved: AuthenticationError | None = None
) -> CallError:
    """Return what a final status says of a registration; `text`: the registrar's own words."""
    cause, remedy = _REGISTRATION.get(status or 0) or (
        "did not take the registration",
        "Look at its words in the SIP trace.",
    )
    if status in (401, 407) and not password:
        cause, remedy = "wants a password", "Give it with the account."
    elif unproved is not None:
        cause, remedy = unproved.cause, unproved.remedy
    return CallError(f"The registrar {registrar} {cause} ({words(status or 0, text, '')}).", remedy)


def words(status: int, reason: str, text: str) -> str:
    """Return status, phrase and the far end's further words for the end of a sentence."""
    said = f"{status} {reason}".strip()
    text = text.strip().rstrip(".")
    return f"{said}; it says: {text}" if text and text != reason else said
