"""Where the audio goes: where it was agreed to go, or where the far end's packets really come from."""

from typing import Final

from dtmfphone.calls.rtp.udp_port import Address
from dtmfphone.rtp.packet import RtpPacket

QUIET_SECONDS: Final = 2.0
"""An address that is silent for so long gives way to another one."""
MAX_STEP: Final = 3
"""Sequence numbers from one packet to the next of a stream that makes itself known."""


class Remote:
    """Follows the far end through address translators (symmetric RTP, RFC 4961)."""

    def __init__(self) -> None:
        self.address: Address | None = None
        """Where to send; None: not known yet."""
        self.agreed: Address | None = None
        """Where it was agreed to send; None: wherever packets come from."""
        self._heard: float | None = None
        """When `address` was heard last since `agree`."""
        self._former: tuple[Address | None, float] = None, 0.0
        """The address before the last one agreed on, and until when its packets are only stragglers."""
        self._candidate: tuple[Address, int, int] | None = None
        """Another address, with SSRC and sequence number of its last packet."""

    def agree(self, address: Address | None, t: float) -> None:
        """The far end takes audio at an address, or wherever it sends from (None); the packets may tell better."""
        if address != self.agreed:
            self._former = self.address, t + QUIET_SECONDS
            self.agreed = self.address = address
        self._heard = self._candidate = None

    def accepts(self, packet: RtpPacket, source: Address, t: float) -> bool:
        """Whether a packet is the far end's; where it comes from becomes `address`.

        Another address than the agreed one needs two packets in a row, while `address` is silent.
        """
        if source in (self.address, self.agreed) or self.address is None:
            self.address, self._heard, self._candidate = source, t, None
            return True
        if self._heard is not None and t - self._heard < QUIET_SECONDS:
            return False
        if source == self._former[0] and t < self._former[1]:
            return False
        known, ssrc, last = self._candidate or (None, 0, 0)
        if (known, ssrc) == (source, packet.ssrc) and 0 < (packet.sequence - last) & 0xFFFF <= MAX_STEP:
            self.address, self._heard, self._candidate = source, t, None
            return True
        self._candidate = source, packet.ssrc, packet.sequence
        return False
