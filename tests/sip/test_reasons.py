import pytest

from dtmfphone.sip.message import Headers, Response
from dtmfphone.sip.reasons import reason_text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([], ""),
        ([("Reason", 'Q.850;cause=16;text="Normal call clearing"')], "Normal call clearing"),
        ([("Reason", "Q.850 ;cause=17")], "Q.850 17"),
        ([("Reason", "SIP")], "SIP"),
        ([("Reason", 'SIP;cause=200;text="a, b", Q.850;cause=16')], "a, b; Q.850 16"),
        ([("Warning", '399 example.com "No \\"codec\\" in common"')], 'No "codec" in common'),
        ([("Warning", '305 a "one", 399 b "two"'), ("Reason", "SIP;text=three")], "one; two; three"),
        ([("Warning", "399 a")], ""),
        ([("Warning", ""), ("Reason", ";;"), ("Reason", 'x;text="')], '"'),
    ],
)
def test_why(fields: list[tuple[str, str]], text: str) -> None:
    assert reason_text(Response(Headers(fields), status=486)) == text
