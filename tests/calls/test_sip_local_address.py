"""Own addresses."""

import pytest

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import host_and_port, is_address, own, place, toward


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host", ("host", 5060)),
        ("host:5070", ("host", 5070)),
        ("192.0.2.1:1", ("192.0.2.1", 1)),
        ("2001:db8::1", ("2001:db8::1", 5060)),
        ("[2001:db8::1]", ("2001:db8::1", 5060)),
        ("[2001:db8::1]:5070", ("2001:db8::1", 5070)),
    ],
)
def test_host_and_port(text: str, expected: tuple[str, int]) -> None:
    assert host_and_port(text, 5060) == expected


@pytest.mark.parametrize("text", ["", ":5060", "host:x", "host:70000", "[::1", "[::1]5060"])
def test_what_is_no_host_and_port(text: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        host_and_port(text, 5060)


def test_the_way_to_loopback_is_from_loopback() -> None:
    assert toward("127.0.0.1") == "127.0.0.1"
    assert toward("::1") == "::1"


def test_no_way_is_said_in_a_sentence() -> None:
    with pytest.raises(CallError, match=r"No network path leads to 255\.255\.255\.255"):
        toward("255.255.255.255")  # broadcast is not permitted to a plain socket


def test_names_are_no_addresses() -> None:
    assert is_address("192.0.2.1")
    assert is_address("2001:db8::1")
    assert is_address("fe80::1%eth0")
    assert not is_address("localhost")
    assert not is_address("192.0.2")


def test_the_own_address_is_the_setting_or_what_the_way_has() -> None:
    assert own("", "127.0.0.1") == ("127.0.0.1", 0)
    assert own("127.0.0.2:5070", "127.0.0.1") == ("127.0.0.2", 5070)
    assert own("::1", "127.0.0.1") == ("::1", 0)
    with pytest.raises(CallError, match="is no address of this machine"):
        own("localhost", "127.0.0.1")


def test_places_are_written_as_in_uris() -> None:
    assert place("192.0.2.1", 5060) == "192.0.2.1:5060"
    assert place("::1", 5060) == "[::1]:5060"
