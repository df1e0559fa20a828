import pytest

from dtmfphone.engine.commands import AnyCommand, Serve, StopServing
from dtmfphone.engine.events import ServerChanged, Started
from dtmfphone.gui.serve_model import DEFAULT_LISTEN, ServeModel, host_of, is_loopback


@pytest.fixture
def model(qapp: object) -> ServeModel:
    return ServeModel()


def changed(state: str, url: str = "", reason: str = "") -> ServerChanged:
    return ServerChanged(t=0.0, state=state, url=url, ivr="reception", reason=reason)  # type: ignore[arg-type]


def test_what_answers(model: ServeModel) -> None:
    assert (model.serving, model.text) == (False, "")
    model.on_event(changed("listening", "http://127.0.0.1:8080"))
    assert model.text == "reception answers at http://127.0.0.1:8080"
    model.on_event(changed("listening", "sip:127.0.0.1:5060"))
    assert model.text == "reception answers at http://127.0.0.1:8080 +1"
    assert model.details.splitlines()[1] == "reception answers at sip:127.0.0.1:5060"
    model.on_event(changed("closed", "http://127.0.0.1:8080"))
    assert model.text == "reception answers at sip:127.0.0.1:5060"
    model.on_event(changed("closed"))
    assert not model.serving


def test_a_failed_address_does_not_answer(model: ServeModel) -> None:
    model.on_event(changed("failed", "sip:127.0.0.1:5060", "Taken."))
    assert (model.serving, model.servers["sip:127.0.0.1:5060"].reason) == (False, "Taken.")
    model.start()
    assert model.servers == {}


def test_commands(model: ServeModel) -> None:
    commands: list[AnyCommand] = []
    model.command.connect(commands.append)
    model.start()
    model.choose(("sip:127.0.0.1:5070",), "pin")
    model.start()
    model.stop()
    assert commands == [Serve(listen=DEFAULT_LISTEN), Serve(listen=("sip:127.0.0.1:5070",), ivr="pin"), StopServing()]


def test_the_engine_tells_the_ivrs_and_ends(model: ServeModel) -> None:
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0, ivrs=("pin", "reception")))
    assert model.ivrs == ("pin", "reception")
    model.on_event(changed("listening", "http://127.0.0.1:8080"))
    model.on_lost()
    assert not model.serving


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("sip:[::1]:5060;transport=tcp", "::1"),
        ("rtp://0.0.0.0:4000?codec=PCMU", "0.0.0.0"),
    ],
)
def test_hosts(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize("address", ["sip:", "sip:127.0.0.1", "sip::5060", "sip:a@b:5060", "sip:h:99999", "ftp://h:1"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="is no address: write host:port"):
        host_of(address)


def test_loopback() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "192.0.2.1")] == [
        True,
        True,
        True,
        False,
        False,
    ]
