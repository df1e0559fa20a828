"""What went wrong with a socket, in plain words."""

import errno
import socket

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import place


def listen_error(host: str, port: int, error: Exception) -> CallError:
    """Say why an address of ours cannot be used."""
    where = place(host, port)
    match error.errno if isinstance(error, OSError) else None:
        case errno.EADDRINUSE:
            return CallError(f"{where} is in use already.", "Choose another port; port 0 takes any free one.")
        case errno.EACCES:
            return CallError(f"This user may not listen on {where}.", "Choose a port from 1024 up.")
        case errno.EADDRNOTAVAIL:
            return CallError(
                f"{host} is no address of this machine.", "Use 127.0.0.1, or 0.0.0.0 for all its addresses."
            )
    if isinstance(error, socket.gaierror | ValueError):
        return CallError(f"{host!r} is no address of this machine.", "Use 127.0.0.1 or another address of it.")
    return CallError(f"Listening on {where} failed: {error}.", "Choose another address.")


def connection_error(where: str, error: Exception) -> CallError:
    """Say why a server cannot be reached."""
    if isinstance(error, ConnectionRefusedError):
        return CallError(
            f"{where} refused the connection: nothing listens there.", "Check the port and that the server runs."
        )
    if isinstance(error, ConnectionError):
        return CallError(f"{where} broke the connection off.", "Check the port and whether it wants TLS.")
    what = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return CallError(f"{where} cannot be reached: {what}.", "Check the address and this machine's network.")
