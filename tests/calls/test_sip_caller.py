"""Whom a target and an account make us call, as whom, and by way of whom."""

import pytest

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.caller import NextHop, identity, next_hop, parse_target, registrar_uri
from dtmfphone.sip.uri import SipUri

ALICE = Account(address="sip:alice@example.test", user="alice-auth", password="secret", display_name="Alice")


def hop(target: str, account: Account) -> NextHop:
    return next_hop(SipUri.parse(target), account)


@pytest.mark.parametrize(
    ("target", "account", "expected"),
    [
        ("sip:bob@pbx.test", Account(), NextHop("pbx.test", None, None)),
        ("sip:bob@pbx.test:5070;transport=TCP", Account(), NextHop("pbx.test", 5070, "tcp")),
        ("sips:bob@pbx.test", Account(), NextHop("pbx.test", None, None, secure=True)),
        ("sip:bob@[2001:db8::1]", Account(transport="tls"), NextHop("2001:db8::1", None, "tls")),
        ("sip:bob@pbx.test;transport=udp", Account(transport="tcp"), NextHop("pbx.test", None, "udp")),
        ("sip:bob@pbx.test", Account(proxy="proxy.test:5080"), NextHop("proxy.test", 5080, None)),
        ("sip:bob@pbx.test", Account(proxy="sip:proxy.test;transport=tcp"), NextHop("proxy.test", None, "tcp")),
        ("sip:bob@pbx.test", Account(proxy="[::1]"), NextHop("::1", None, None)),
        (
            "sip:bob@example.test",
            Account(address="sip:alice@example.test", registrar="127.0.0.1:5070"),
            NextHop("127.0.0.1", 5070, None),
        ),
        (
            "sip:bob@elsewhere.test",
            Account(address="sip:alice@example.test", registrar="127.0.0.1:5070"),
            NextHop("elsewhere.test", None, None),
        ),
    ],
)
def test_where_requests_go(target: str, account: Account, expected: NextHop) -> None:
    assert hop(target, account) == expected


@pytest.mark.parametrize(
    ("account", "registrar"),
    [
        (ALICE, "sip:example.test"),
        (Account(address="sips:alice@example.test:5071"), "sips:example.test:5071"),
        (Account(address="sip:alice@example.test", registrar="pbx.test"), "sip:pbx.test"),
        (Account(address="sip:alice@example.test", registrar="::1"), "sip:[::1]"),
        (
            Account(address="sip:alice@example.test", registrar="sip:pbx.test;transport=tcp"),
            "sip:pbx.test;transport=tcp",
        ),
    ],
)
def test_where_an_account_registers(account: Account, registrar: str) -> None:
    assert str(registrar_uri(account)) == registrar


def test_numbers_are_called_at_the_account_s_domain_or_by_the_proxy() -> None:
    assert str(parse_target("tel:+4930123", ALICE)) == "sip:+4930123@example.test;user=phone"
    assert str(parse_target("tel:112", Account(proxy="[::1]:5080"))) == "sip:112@[::1];user=phone"
    with pytest.raises(CallError, match="with an account or by way of a proxy only"):
        parse_target("tel:112", Account())


def test_who_calls() -> None:
    who = identity(ALICE, "192.0.2.1")
    assert (who.address, who.user, who.display_name, who.route) == ("sip:alice@example.test", "alice-auth", "Alice", ())
    assert "secret" not in repr(who)
    target = SipUri.parse("sip:1000@pbx.test")
    assert identity(Account(), "192.0.2.1", target).address == "sip:dtmfphone@192.0.2.1"
    assert identity(Account(), "::1", target).address == "sip:dtmfphone@[::1]"
    assert identity(Account(user="me"), "192.0.2.1", target).address == "sip:me@pbx.test"


@pytest.mark.parametrize(
    ("account", "route"),
    [
        (Account(proxy="proxy.test"), "<sip:proxy.test;lr>"),
        (Account(proxy="proxy.test:5080", transport="tls"), "<sip:proxy.test:5080;transport=tls;lr>"),
        (Account(proxy="sip:proxy.test;transport=tcp;lr", transport="udp"), "<sip:proxy.test;transport=tcp;lr>"),
        (Account(proxy="::1"), "<sip:[::1];lr>"),
    ],
)
def test_a_proxy_is_a_loose_route(account: Account, route: str) -> None:
    assert identity(account, "192.0.2.1").route == (route,)


@pytest.mark.parametrize(
    ("target", "account"),
    [
        ("mailto:bob@pbx.test", Account()),
        ("sip:bob@pbx.test", Account(proxy="a b")),
        ("sip:bob@pbx.test", Account(proxy="host:99999")),
        ("sip:bob@pbx.test", Account(address="alice")),
        ("sip:bob@pbx.test", Account(proxy="proxy.test;transport=ws")),
    ],
)
def test_what_cannot_be_called_is_said_in_a_sentence(target: str, account: Account) -> None:
    with pytest.raises(CallError) as caught:
        next_hop(parse_target(target, account), account)
    assert caught.value.reason.endswith(".")
    assert caught.value.remedy.endswith(".")
