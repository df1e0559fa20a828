import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.rtp.telephone_event import TelephoneEvent, TelephoneEventError, parse

GOLDEN = [
    ("0a8a0820", TelephoneEvent(10, True, 10, 2080)),
    ("040a0140", TelephoneEvent(4, False, 10, 320)),
    ("010a00a0", TelephoneEvent(1, False, 10, 160)),
    ("0f3fffff", TelephoneEvent(15, False, 63, 65535)),
    ("10c00000", TelephoneEvent(16, True, 0, 0, reserved=True)),
]


@pytest.mark.parametrize(("wire", "event"), GOLDEN)
def test_golden_vectors(wire: str, event: TelephoneEvent) -> None:
    assert parse(bytes.fromhex(wire)) == (event,)
    assert event.serialize().hex() == wire


def test_several_events_in_one_payload() -> None:
    assert parse(bytes.fromhex("018a0320" + "020a00a0")) == (
        TelephoneEvent(1, True, 10, 800),
        TelephoneEvent(2, False, 10, 160),
    )


@pytest.mark.parametrize("length", [0, 1, 3, 5, 7])
def test_a_wrong_length_is_an_error(length: int) -> None:
    with pytest.raises(TelephoneEventError, match=f"{length} bytes"):
        parse(bytes(length))


@pytest.mark.parametrize(
    ("fields", "name"),
    [((256, 10, 0), "code"), ((-1, 10, 0), "code"), ((1, 64, 0), "volume"), ((1, 10, 65536), "duration")],
)
def test_a_field_out_of_range_is_an_error(fields: tuple[int, int, int], name: str) -> None:
    code, volume, duration = fields
    with pytest.raises(TelephoneEventError, match=name):
        TelephoneEvent(code, False, volume, duration)


@given(st.binary(min_size=4, max_size=32).map(lambda data: data[: len(data) // 4 * 4]))
def test_parse_and_serialize_are_inverse(payload: bytes) -> None:
    assert b"".join(event.serialize() for event in parse(payload)) == payload
