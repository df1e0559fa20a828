"""SIP, SIPS and TEL URIs."""

import pytest
import sipmessage
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.sip.uri import SipUri


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@atlanta.com",
        "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        "sip:[2001:db8::10]:5070;lr",
        "sip:alice@[::1]",
        "sip:%23*99@192.0.2.1:5062",
        "tel:+1-201-555-0123",
        "tel:7042;phone-context=example.com",
    ],
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(SipUri.parse(text)) == text


def test_parts() -> None:
    uri = SipUri.parse("SIP:al%69ce:pw@[2001:DB8::1]:5070;transport=TCP;lr?Subject=x")
    assert (uri.scheme, uri.user, uri.password, uri.host, uri.port) == ("sip", "alice", "pw", "2001:DB8::1", 5070)
    assert uri.parameters.get("Transport") == "TCP"
    assert "LR" in uri.parameters
    assert uri.headers == "Subject=x"
    assert uri.host_port == "[2001:DB8::1]:5070"
    assert SipUri.parse("tel:+49(30)1").user == "+49(30)1"


@pytest.mark.parametrize(
    ("odd", "written"),
    [
        ("sip:bob@my_host.local", "sip:bob@my_host.local"),
        ("sip:12#@h", "sip:12%23@h"),
        ("sip:alice@corp.com@proxy.net;lr", "sip:alice%40corp.com@proxy.net;lr"),
        ("sip:bob@h?Replaces=1@2%3Bto-tag=x", "sip:bob@h?Replaces=1@2%3Bto-tag=x"),
        ("sip:j%FCrgen@h", "sip:j%C3%BCrgen@h"),
        ("sip:jürgen@h", "sip:j%C3%BCrgen@h"),
        ("sip:bücher.example", "sip:bücher.example"),
    ],
)
def test_what_no_grammar_has_but_people_write(odd: str, written: str) -> None:
    assert str(SipUri.parse(odd)) == written
    assert str(SipUri.parse(written)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "alice@x",
        "http://x",
        "sip:@",
        "sip:a@",
        "sip:a@h:99999",
        "sip:a@h:x",
        "sip:a@::1",
        "tel:",
        "tel:x!",
        "sip:a b@h",
        'sip:a"@h',
    ],
)
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        SipUri.parse(text)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(SipUri.parse("sip:a:secret@b"))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", False),
        ("SIP:ALICE@AtLanTa.CoM", "sip:alice@AtLanTa.CoM", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", False),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com", False),
    ],
)
def test_equality(one: str, other: str, equal: bool) -> None:
    assert SipUri.parse(one).matches(SipUri.parse(other)) is equal
    assert SipUri.parse(other).matches(SipUri.parse(one)) is equal


LABEL = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["sip", "sips"]),
    st.from_regex(r"([A-Za-z0-9_.!~*'()&=+$,;?/-]|%[0-9A-F]{2}){1,12}", fullmatch=True),
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    st.one_of(st.none(), st.integers(1, 65535)),
    st.one_of(st.none(), LABEL),
)
def test_the_strict_grammar_reads_the_same(
    scheme: str, user: str, host: str, port: int | None, flag: str | None
) -> None:
    text = f"{scheme}:{user}@{host}" + (f":{port}" if port else "") + (f";{flag}=x" if flag else "")
    ours, theirs = SipUri.parse(text), sipmessage.URI.parse(text)
    assert (ours.scheme, ours.host, ours.port) == (theirs.scheme, theirs.host, theirs.port)
    if "\N{REPLACEMENT CHARACTER}" not in (theirs.user or ""):
        assert ours.user == theirs.user
    assert SipUri.parse(str(ours)) == ours


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60).map("sip:".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        uri = SipUri.parse(text)
    except ValueError:
        return
    assert SipUri.parse(str(uri)) == uri
