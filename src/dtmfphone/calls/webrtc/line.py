"""Where WebRTC calls come in: an HTTP address that takes SDP offers, one caller at a time."""

from collections.abc import Callable

from dtmfphone.calls.call import CallError
from dtmfphone.calls.line import LineChange, LineObserver
from dtmfphone.calls.webrtc.endpoint import Endpoint
from dtmfphone.calls.webrtc.incoming import Busy, WebRtcIncoming

DEFAULT_PORT = 8080


class HttpLine:
    """Listens at one address (see Line)."""

    def __init__(self, host: str, port: int, observer: LineObserver) -> None:
        self._host = host
        self._port = port
        self._observer = observer
        self._endpoint = Endpoint(answer=self._offered, hang_up=self._hung_up)
        self._caller: WebRtcIncoming | None = None
        """The last one."""
        self._calls = 0

    async def open(self) -> None:
        """Begin to listen; raise CallError."""
        url = await self._endpoint.start(self._host, self._port)
        self._observer.line_changed(LineChange(state="ready", address=url))

    async def close(self) -> None:
        """Stop listening; a call goes on."""
        await self._endpoint.close()

    async def _offered(self, offer: str, caller: str) -> tuple[str, str]:
        if self._caller is not None and not self._caller.over:
            raise Busy
        self._calls += 1
        name = str(self._calls)
        call = self._caller = WebRtcIncoming(offer, caller)
        self._observer.incoming(call)
        return await call.answer(), name

    async def _hung_up(self, name: str) -> None:
        if self._caller is not None and name == str(self._calls):
            await self._caller.ended_by_caller()


def open_line(address: str, observer: LineObserver, _clock: Callable[[], float]) -> HttpLine:
    """Return a line at `http://host:port`, not open yet; raise CallError for an address that is none."""
    host, colon, port = address.removeprefix("http://").rstrip("/").rpartition(":")
    if not colon:
        host, port = port, str(DEFAULT_PORT)
    if not port.isdecimal() or int(port) > 65535:
        raise CallError(f"{address!r} is no address to listen on.", "Use http://host:port.")
    return HttpLine(host.strip("[]") or "127.0.0.1", int(port), observer)
