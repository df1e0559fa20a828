"""Outgoing packets: events in place of audio, one sequence."""

from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.calls.webrtc.egress import Egress
from dtmfphone.rtp.packet import RtpPacket


def audio(number: int) -> RtpPacket:
    data = bytes.fromhex("90ef") + (number & 0xFFFF).to_bytes(2, "big") + (number * 960).to_bytes(4, "big")
    return RtpPacket.parse(data + bytes.fromhex("00000007bede000110300000") + b"opus")


def test_events_replace_audio_and_all_numbers_follow_each_other() -> None:
    egress = Egress(110, 48000)
    out = []
    for number in range(65530, 65550):
        slot = Slot("5", last=number == 65536) if 65532 <= number <= 65536 else SILENT
        out.append(egress.packets(audio(number), slot))
    flat = [packet for packets in out for packet in packets]
    assert [packet.sequence for packet in flat] == [(65530 + i) & 0xFFFF for i in range(22)]
    events = [packet for packet in flat if packet.payload_type == 110]
    assert [packet.payload.hex() for packet in events] == [
        "050a03c0",
        "050a0780",
        "050a0b40",
        "050a0f00",
        "058a12c0",
        "058a12c0",
        "058a12c0",
    ]
    assert {packet.timestamp for packet in events} == {65532 * 960}
    assert [packet.marker for packet in events] == [True] + [False] * 6
    assert {packet.opaque for packet in flat} == {audio(0).opaque}
    for packets, number in zip(out, range(65530, 65550), strict=True):
        assert all(packet.timestamp == number * 960 for packet in packets if packet.payload_type == 111)
    assert [packet.payload_type for packet in flat].count(111) == 15


def test_a_key_without_known_end_is_ended_in_the_next_slot() -> None:
    egress = Egress(110, 48000)
    slots = [Slot("#", last=False)] * 2 + [SILENT] * 2
    out = [egress.packets(audio(number), slot) for number, slot in enumerate(slots)]
    assert [len(packets) for packets in out] == [1, 1, 3, 1]
    assert [packet.payload.hex() for packet in out[2]] == ["0b8a0780"] * 3


def test_without_telephone_event_audio_passes_as_it_is() -> None:
    egress = Egress(None, 48000)
    assert egress.packets(audio(3), Slot("5", last=True)) == [audio(3)]
