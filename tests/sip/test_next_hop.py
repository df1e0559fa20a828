import pytest

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.next_hop import LOOK_UP, next_hop


@pytest.mark.parametrize(
    ("uri", "flow"),
    [
        ("sip:bob@192.0.2.2", Flow("udp", "192.0.2.2", 5060)),
        ("sip:bob@192.0.2.2:5070;transport=TCP", Flow("tcp", "192.0.2.2", 5070)),
        ("sip:192.0.2.2;transport=tls;lr", Flow("tls", "192.0.2.2", 5061)),
        ("sips:bob@192.0.2.2", Flow("tls", "192.0.2.2", 5061)),
        ("sips:bob@192.0.2.2;transport=tcp", Flow("tls", "192.0.2.2", 5061)),
        ("sip:bob@[2001:db8::1]:5070", Flow("udp", "2001:db8::1", 5070)),
        ("sip:bob@[2001:db8::1]", Flow("udp", "2001:db8::1", 5060)),
        ("sip:bob@example.com", Flow("udp", "example.com", LOOK_UP)),
        ("sip:bob@example.com:5060", Flow("udp", "example.com", 5060)),
        ("sip:bob@example.com;maddr=192.0.2.5", Flow("udp", "192.0.2.5", 5060)),
    ],
)
def test_where_a_uri_is_reached(uri: str, flow: Flow) -> None:
    assert next_hop(uri) == flow


@pytest.mark.parametrize("uri", ["tel:+15551234", "sip:bob@192.0.2.2;transport=ws", "http://example.com", "", "sip:"])
def test_uris_that_cannot_be_reached(uri: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        next_hop(uri)


@pytest.mark.parametrize(
    ("uri", "flow"),
    [
        ("sip:bob@192.0.2.2:5070;transport=tcp", Flow("tcp", "192.0.2.2", 5070, 3)),
        ("sip:bob@192.0.2.2:5070", Flow("tcp", "192.0.2.2", 5070, 3)),
        ("sip:bob@192.0.2.2:5070;transport=udp", Flow("udp", "192.0.2.2", 5070)),
        ("sips:bob@192.0.2.2", Flow("tls", "192.0.2.2", 5061)),
        ("sip:bob@192.0.2.3;transport=tcp", Flow("tcp", "192.0.2.3", 5060)),
        ("sip:bob@192.0.2.3", Flow("udp", "192.0.2.3", 5060)),
    ],
)
def test_an_open_connection_to_the_same_host_is_used_again(uri: str, flow: Flow) -> None:
    assert next_hop(uri, Flow("tcp", "192.0.2.2", 40000, connection=3)) == flow
