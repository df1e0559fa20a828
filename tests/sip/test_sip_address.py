"""Addresses with names and parameters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.parameters import Parameters


@pytest.mark.parametrize(
    ("text", "display", "uri", "tag"),
    [
        ('"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s', "A. G. Bell", "sip:agb@bell-telephone.com", "a48s"),
        ("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8", "Anonymous", "sip:c8oqz84zk7z@privacy.org", "hyh8"),
        ("sip:+12125551212@server.phone2net.com;tag=887s", "", "sip:+12125551212@server.phone2net.com", "887s"),
        ("<sip:a@b;tag=no>", "", "sip:a@b;tag=no", ""),
        (r'"a \"<sip:x@y>\\" <sip:q@r>', 'a "<sip:x@y>\\', "sip:q@r", ""),
        ('"unclosed <sip:a@b>;tag=1', '"unclosed', "sip:a@b", "1"),
        ('"N"<sip:a@b;x="y">;+sip.instance="<urn:uuid:1>" ; Tag = "t 1"', "N", 'sip:a@b;x="y"', "t 1"),
        ("*", "", "*", ""),
    ],
)
def test_reading(text: str, display: str, uri: str, tag: str) -> None:
    address = NameAddress.parse(text)
    assert (address.display, address.uri, address.tag) == (display, uri, tag)
    assert NameAddress.parse(str(address)) == address


def test_several_in_one_value_and_in_several() -> None:
    values = ['"Bell, A." <sip:a@b,c>;q=0.7;+sip.instance="<urn:x,y>", "Other" <mailto:w@x>', " , sip:c@d;x"]
    assert NameAddress.split_list(values) == [
        '"Bell, A." <sip:a@b,c>;q=0.7;+sip.instance="<urn:x,y>"',
        '"Other" <mailto:w@x>',
        "sip:c@d;x",
    ]
    assert [address.display for address in NameAddress.parse_list(values)] == ["Bell, A.", "Other", ""]


def test_writing() -> None:
    address = NameAddress("sip:a@b", 'Say "hi"', Parameters((("lr", None),)))
    assert str(address) == r'"Say \"hi\"" <sip:a@b>;lr'
    assert str(address.with_tag("1").with_tag("2")) == r'"Say \"hi\"" <sip:a@b>;lr;tag=2'


@pytest.mark.parametrize("text", ["", "<sip:a@b", "<>", "<sip:a b@c>", "<sip:a@b> trailing", "Bob sip:a@b", ";tag=1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        NameAddress.parse(text)


def test_long_rows_of_quotes_and_brackets_take_no_time() -> None:
    for unit in ('"\\', "<", '"<', '\\"'):
        row = unit * 4000
        assert NameAddress.split_list([row]) == [row]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab@:;,<>"\\ =sip*ü'), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        address = NameAddress.parse(text)
    except ValueError:
        return
    assert NameAddress.parse(str(address)) == address
