"""SIP messages as text for traces, without secrets."""

import re
from typing import Final

MASK: Final = "***"
DIGIT: Final = "•"

_CREDENTIALS: Final = re.compile(
    r"^((?:Proxy-)?Authorization|(?:Proxy-)?Authentication-Info)([ \t]*:)(.*(?:\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_DIGEST_SECRET: Final = re.compile(
    r'\b(response|cnonce|rspauth|nextnonce|password)([ \t]*=[ \t]*)("(?:[^"\\]|\\.)*"?|[^\s,]*)', re.IGNORECASE
)
_OTHER_SCHEME: Final = re.compile(r"^(\s*(?!Digest\b)[^\s,=]+\s+)\S[\s\S]*", re.IGNORECASE)
_URI_PASSWORD: Final = re.compile(r"\b(sips?:[^\s:@<>\";?,]{0,256}):[^\s@<>\"]{1,256}@", re.IGNORECASE)
_SDES_KEY: Final = re.compile(r"\b(inline:)[^\s|;]+", re.IGNORECASE)
_SDP_SECRET: Final = re.compile(r"^(a=ice-pwd:|k=\w+:|a=key-mgmt:\S+ )\S+", re.IGNORECASE | re.MULTILINE)
_BEARER: Final = re.compile(r"\b(Bearer\s+)[\w.~+/=\-]+", re.IGNORECASE)
_INFO_SIGNAL: Final = re.compile(r"^(Signal[ \t]*=[ \t]*)[^\s]+", re.IGNORECASE | re.MULTILINE)
_DTMF_BODY: Final = re.compile(
    r"^(?:Content-Type|c)[ \t]*:[ \t]*application/dtmf[ \t]*(?:;.*)?$", re.IGNORECASE | re.MULTILINE
)
_UNPRINTABLE: Final = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]")


def masked(data: bytes, *, digits: bool = False) -> str:
    """Return a message as text with `\\n` as line ends; passwords, digest answers, tokens and media keys are masked.

    `digits`: the DTMF digits of INFO bodies too. Anything may be given, also what is no SIP.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = _CREDENTIALS.sub(_masked_credentials, text)
    text = _URI_PASSWORD.sub(rf"\1:{MASK}@", text)
    text = _SDES_KEY.sub(rf"\1{MASK}", text)
    text = _SDP_SECRET.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    if digits:
        text = _without_digits(text)
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _masked_credentials(field: re.Match[str]) -> str:
    value = _OTHER_SCHEME.sub(rf"\1{MASK}", field[3])
    return field[1] + field[2] + _DIGEST_SECRET.sub(rf'\1\2"{MASK}"', value)


def _without_digits(text: str) -> str:
    head, blank, body = text.partition("\n\n")
    if _DTMF_BODY.search(head):
        body = re.sub(r"[^\s]", DIGIT, body)
    return head + blank + _INFO_SIGNAL.sub(rf"\g<1>{DIGIT}", body)
