"""Responses to a request, with all that must be copied from it (RFC 3261 section 8.2.6)."""

from collections.abc import Iterable
from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.message import Headers, Request, Response

REASONS: Final = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    469: "Bad Info Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    494: "Security Agreement Required",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
}
"""Reason phrases (RFC 3261 section 21 and its extensions)."""


def reply(
    request: Request,
    status: int,
    reason: str = "",
    *,
    tag: str = "",
    fields: Iterable[tuple[str, str]] = (),
    body: tuple[str, bytes] | None = None,
) -> Response:
    """Return a response; `tag` is put into To where that has none, except in a 100.

    `fields`: more header fields; `body`: its media type and bytes. What the request lacks, the response lacks too:
    even a request that cannot be understood can be refused.
    """
    copied = ("Via", "From", "To", "Call-ID", "CSeq", *(("Timestamp",) if status == 100 else ()))
    headers = Headers((name, value) for name in copied for value in request.headers.get_all(name))
    to = headers.get("To")
    if tag and to and status != 100 and not _has_tag(to):
        headers = headers.replaced("To", f"{to};tag={tag}")
    media_type, content = body or ("", b"")
    more = [*fields, ("Content-Type", media_type)] if media_type else fields
    return Response(Headers([*headers, *more]), content, status, reason or REASONS.get(status, ""))


def _has_tag(to: str) -> bool:
    try:
        return bool(NameAddress.parse(to).tag)
    except ValueError:
        return False
