"""Keys from the signalling on real packets."""

import pytest

from dtmfphone.calls.call import CallError
from dtmfphone.calls.rtp.srtp import SUITES, Srtp
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.rtcp import ReceiverReport
from dtmfphone.rtp.stream import SrtpKeys

HERE, THERE = bytes(range(30)), bytes(range(100, 130))


def packet(sequence: int) -> bytes:
    return bytes(RtpPacket(payload_type=0, marker=False, sequence=sequence, timestamp=0, ssrc=1, payload=b"audio" * 32))


@pytest.mark.parametrize(("suite", "tag"), [("AES_CM_128_HMAC_SHA1_80", 10), ("AES_CM_128_HMAC_SHA1_32", 4)])
def test_what_one_side_protects_the_other_reads_once(suite: str, tag: int) -> None:
    here, there = Srtp(SrtpKeys(suite, HERE, THERE)), Srtp(SrtpKeys(suite, THERE, HERE))
    for sequence in range(3):
        data = here.protect(packet(sequence))
        assert len(data) == len(packet(0)) + tag
        assert b"audio" not in data
        assert there.unprotect(data) == packet(sequence)
        assert there.unprotect(data) is None, "a repeat"
    report = bytes(ReceiverReport(ssrc=1))
    data = here.protect_rtcp(report)
    assert data[:8] == report
    assert there.unprotect_rtcp(data) == report
    assert there.unprotect_rtcp(data) is None


def test_what_is_forged_or_none_at_all_is_none() -> None:
    here, there = (Srtp(SrtpKeys("AES_CM_128_HMAC_SHA1_80", HERE, THERE)) for _ in range(2))
    data = here.protect(packet(1))
    for junk in (data, packet(1), data[:-1], b"", b"\x80", bytes(2000), bytes(1500)):
        assert there.unprotect(junk) is None
        assert there.unprotect_rtcp(junk) is None


def test_a_direction_whose_key_stays_goes_on_counting() -> None:
    before = Srtp(SrtpKeys("AES_CM_128_HMAC_SHA1_80", HERE, THERE))
    far = Srtp(SrtpKeys("AES_CM_128_HMAC_SHA1_80", THERE, HERE))
    for sequence in range(0, 70000, 7000):
        assert far.unprotect(before.protect(packet(sequence & 0xFFFF))) is not None
    again = Srtp(SrtpKeys("AES_CM_128_HMAC_SHA1_80", HERE, bytes(30)), before)
    assert far.unprotect(again.protect(packet(4465))) == packet(4465)
    other = Srtp(SrtpKeys("AES_CM_128_HMAC_SHA1_80", bytes(30), THERE), before)
    assert far.unprotect(other.protect(packet(4466))) is None
    assert other.unprotect(far.protect(packet(1))) == packet(1)


def test_keys_that_cannot_be_used_are_told_without_showing_them() -> None:
    with pytest.raises(CallError, match=r"AEAD_AES_256_GCM is not supported"):
        Srtp(SrtpKeys("AEAD_AES_256_GCM", HERE, THERE))
    for suite in SUITES:
        with pytest.raises(CallError, match=r"must have 30 bytes, not 30 and 16"):
            Srtp(SrtpKeys(suite, HERE, bytes(16)))
    assert "\\x" not in repr(SrtpKeys("AES_CM_128_HMAC_SHA1_80", HERE, THERE))
