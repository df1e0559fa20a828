"""The sockets of a session."""

from typing import Protocol

from dtmfphone.calls.rtp.udp_port import Address, UdpPort


class Wire(Protocol):
    """The sockets that a session sends through, its own or shared ones."""

    host: str
    port: int
    rtcp_port: int

    def send(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTP port; return why it cannot be sent, or an empty text."""
        ...

    def send_rtcp(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTCP port."""
        ...

    def close(self) -> None:
        """Free what belongs to this session."""
        ...


class OwnPorts:
    """A pair of ports for one session."""

    def __init__(self, rtp: UdpPort, rtcp_port: UdpPort) -> None:
        self.host, self.port, self.rtcp_port = rtp.host, rtp.port, rtcp_port.port
        self._rtp = rtp
        self._rtcp = rtcp_port
        self.send = rtp.send
        self.send_rtcp = rtcp_port.send

    def close(self) -> None:
        """Free the ports; harmless when repeated."""
        self._rtp.close()
        self._rtcp.close()
