"""Where the audio goes when packets come from elsewhere."""

from dtmfphone.calls.rtp.remote import QUIET_SECONDS, Remote
from dtmfphone.rtp.packet import RtpPacket

AGREED, NAT, THIEF = ("192.0.2.1", 4000), ("198.51.100.7", 60001), ("203.0.113.9", 666)


def packet(sequence: int, ssrc: int = 1) -> RtpPacket:
    return RtpPacket(payload_type=0, marker=False, sequence=sequence & 0xFFFF, timestamp=0, ssrc=ssrc, payload=b"x")


def test_packets_from_the_agreed_address_change_nothing() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    assert remote.accepts(packet(1), AGREED, 0.0)
    assert remote.address == AGREED


def test_two_packets_in_a_row_from_a_translator_move_the_address() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    assert not remote.accepts(packet(65535), NAT, 0.0)
    assert remote.address == AGREED
    assert remote.accepts(packet(0), NAT, 0.02)
    assert remote.address == NAT
    assert remote.accepts(packet(1), NAT, 0.04)


def test_packets_that_are_no_stream_move_nothing() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    for n, (sequence, ssrc, source) in enumerate(
        [(1, 1, NAT), (500, 1, NAT), (501, 2, NAT), (502, 1, THIEF), (502, 2, NAT), (502, 2, NAT)]
    ):
        assert remote.accepts(packet(sequence, ssrc), source, n * 0.02) is False, n
    assert remote.address == AGREED


def test_nobody_takes_over_a_stream_that_flows() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    for n in range(100):
        assert remote.accepts(packet(n), AGREED, n * 0.02)
        assert not remote.accepts(packet(n, 9), THIEF, n * 0.02)
    assert remote.address == AGREED


def test_a_stream_that_moves_is_followed_when_its_old_address_is_silent() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    assert remote.accepts(packet(0), AGREED, 0.0)
    moved = [n for n in range(1, 200) if remote.accepts(packet(n), NAT, n * 0.02)]
    assert moved[0] * 0.02 >= QUIET_SECONDS
    assert moved == list(range(moved[0], 200))


def test_the_agreed_address_takes_its_stream_back() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    remote.accepts(packet(1, 9), THIEF, 0.0)
    assert remote.accepts(packet(2, 9), THIEF, 0.02)
    assert remote.accepts(packet(1), AGREED, 0.03)
    assert remote.address == AGREED
    assert not remote.accepts(packet(3, 9), THIEF, 0.04)


def test_without_an_agreed_address_the_first_packet_tells() -> None:
    remote = Remote()
    remote.agree(None, 0.0)
    assert remote.address is None
    assert remote.accepts(packet(1), NAT, 0.0)
    assert remote.address == NAT


def test_what_was_learned_stays_when_the_same_is_agreed_anew() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    remote.accepts(packet(1), NAT, 0.0)
    remote.accepts(packet(2), NAT, 0.0)
    remote.agree(AGREED, 0.0)
    assert remote.address == NAT
    remote.agree(THIEF, 0.0)
    assert remote.address == THIEF


def test_stragglers_from_before_a_move_do_not_take_the_stream_back() -> None:
    remote = Remote()
    remote.agree(AGREED, 0.0)
    assert remote.accepts(packet(0), AGREED, 0.0)
    remote.agree(NAT, 1.0)
    assert not any(remote.accepts(packet(n), AGREED, 1.0 + n * 0.02) for n in range(1, 50))
    assert remote.address == NAT
    remote.accepts(packet(200), AGREED, 3.1)
    assert remote.accepts(packet(201), AGREED, 3.12), "it moved in words only"
