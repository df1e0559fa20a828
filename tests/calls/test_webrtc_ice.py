"""Loopback addresses for ICE."""

import inspect

import aioice
import pytest
from aiortc import RTCIceGatherer, RTCIceTransport

from dtmfphone.calls.webrtc.ice import UnsupportedAioice, gather_loopback


async def gathered(*, only: bool) -> set[str]:
    transport = RTCIceTransport(RTCIceGatherer(iceServers=[]))
    gather_loopback(transport, only=only)
    await transport.iceGatherer.gather()
    try:
        return {candidate.ip for candidate in transport.iceGatherer.getLocalCandidates()}
    finally:
        await transport.stop()


async def test_loopback_only() -> None:
    assert await gathered(only=True) == {"127.0.0.1"}


async def test_a_host_with_addresses_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.2"])
    assert await gathered(only=False) == {"127.0.0.2"}
    assert await gathered(only=True) == {"127.0.0.1"}


async def test_a_host_without_addresses_uses_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: [])
    assert await gathered(only=False) == {"127.0.0.1"}


async def test_another_aioice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = RTCIceTransport(RTCIceGatherer(iceServers=[]))

    async def changed(component: int, hosts: list[str]) -> list[aioice.Candidate]:
        return []

    monkeypatch.setattr(aioice.Connection, "get_component_candidates", changed)
    with pytest.raises(UnsupportedAioice, match=r"aioice \(\d"):
        gather_loopback(transport, only=True)


def test_the_contract_with_aioice() -> None:
    gather = aioice.Connection.get_component_candidates
    assert inspect.iscoroutinefunction(gather)
    assert list(inspect.signature(gather).parameters) == ["self", "component", "addresses", "timeout"]
