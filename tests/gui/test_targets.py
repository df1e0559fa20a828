import pytest

from dtmfphone.gui.targets import dialled, domain_of, is_http, is_sip, name_of, short

ALICE = "sip:alice@pbx.example:5070;transport=tcp"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("1000", "sip:1000@pbx.example:5070"),
        ("+49 30 1234", "sip:+49301234@pbx.example:5070"),
        ("bob@other.example", "sip:bob@other.example"),
        ("john.doe", "sip:john.doe@pbx.example:5070"),
        ("192.0.2.1", "sip:192.0.2.1"),
        ("192.0.2.1:5080", "sip:192.0.2.1:5080"),
        ("sip:1234", "sip:1234"),
        ("tel:1234", "tel:1234"),
        ("builtin:reception", "builtin:reception"),
        (" https://a.example/x ", "https://a.example/x"),
        ("rtp://192.0.2.1:4000?codec=PCMU", "rtp://192.0.2.1:4000?codec=PCMU"),
        ("", ""),
    ],
)
def test_a_number_is_called_at_the_callers_domain(written: str, called: str) -> None:
    assert dialled(written, ALICE) == called


@pytest.mark.parametrize(
    ("written", "called"),
    [("1000", "sip:1000"), ("localhost:5060", "sip:localhost:5060"), ("[::1]:5060", "sip:[::1]:5060")],
)
def test_without_an_account_the_text_is_the_address(written: str, called: str) -> None:
    assert dialled(written, "") == called


@pytest.mark.parametrize(
    ("written", "sip", "http"),
    [
        ("1000", True, False),
        ("SIP:a@b", True, False),
        ("sips:a@b", True, False),
        ("whip+https://a/b", False, True),
        ("builtin:pin", False, False),
        ("rtp://a:1", False, False),
        ("", False, False),
    ],
)
def test_ways(written: str, sip: bool, http: bool) -> None:
    assert (is_sip(written), is_http(written)) == (sip, http)


@pytest.mark.parametrize(
    ("address", "domain", "read"),
    [
        (ALICE, "pbx.example:5070", "alice@pbx.example:5070"),
        ('"Bob" <sip:bob@[::1]:5060>;tag=1', "[::1]:5060", "bob@[::1]:5060"),
        ("builtin:pin", "", "builtin:pin"),
    ],
)
def test_parts_of_an_address(address: str, domain: str, read: str) -> None:
    assert (domain_of(address), short(address)) == (domain, read)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ('"Bob B." <sip:bob@a>', "Bob B."),
        ("Bob <sip:bob@a>;tag=1", "Bob"),
        ("<sip:bob@a>", "bob@a"),
        ("sip:bob@a;x=y", "bob@a"),
    ],
)
def test_names(address: str, name: str) -> None:
    assert name_of(address) == name
