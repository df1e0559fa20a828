"""`dtmfphone doctor`: what is installed, what is missing, and the remedy. Works with parts missing."""

import argparse
import contextlib
import ctypes
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

Need = Literal["calls", "SIP", "keeping passwords", "window", "sound", "speech", "recognising words"]

PACKAGES: dict[str, Need] = {
    "aiohttp": "calls",
    "aiortc": "calls",
    "av": "calls",
    "dnspython": "SIP",
    "keyring": "keeping passwords",
    "msgspec": "calls",
    "numpy": "calls",
    "platformdirs": "calls",
    "pylibsrtp": "calls",
    "pyqtgraph": "window",
    "PySide6_Essentials": "window",
    "PyYAML": "calls",
    "rich": "calls",
    "sipmessage": "SIP",
    "sounddevice": "sound",
    "espeakng_loader": "speech",
}
SYSTEM_LIBRARIES: dict[str, tuple[str, Need]] = {
    "libglib-2.0.so.0": ("libglib2.0-0", "window"),
    "libGL.so.1": ("libgl1", "window"),
    "libEGL.so.1": ("libegl1", "window"),
    "libdbus-1.so.3": ("libdbus-1-3", "window"),
    "libxkbcommon.so.0": ("libxkbcommon0", "window"),
    "libfontconfig.so.1": ("libfontconfig1", "window"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "window"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "window"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "window"),
    "libxcb-shape.so.0": ("libxcb-shape0", "window"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "window"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "window"),
    "libportaudio.so.2": ("libportaudio2", "sound"),
}
"""Shared library to the Debian package that holds it. Qt names the same one for each that is missing."""
FAULTY_QT = "6.12.0"
"""Before Python 3.12 this version loses references to None and ends the process while it paints."""
UNFIT_QT = "6.9."
"""pyqtgraph does not get on with these."""
MODEL_ENGINES = ("vosk", "faster_whisper")
"""Recognizers that work with a model of the user's."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    needed_for: Need
    remedy: str = ""


def checks() -> list[Check]:
    """Look at everything; nothing is opened, installed or changed."""
    return [
        *_python(),
        *_packages(),
        *_libraries(),
        *_fonts(),
        *_display(),
        *_network(),
        *_resolver(),
        *_keyring(),
        *_sound(),
        *_speech(),
        *_recognizers(),
    ]


def main(argv: Sequence[str]) -> int:
    """Run `dtmfphone doctor`; returns 0 when calls in the terminal can work, else 1."""
    parser = argparse.ArgumentParser(prog="dtmfphone doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per check")
    args = parser.parse_args(argv)
    found = checks()
    if args.json:
        for check in found:
            sys.stdout.write(json.dumps(asdict(check)) + "\n")
    else:
        _print(found)
    return 0 if all(check.ok for check in found if check.needed_for == "calls") else 1


def _print(found: list[Check]) -> None:
    if importlib.util.find_spec("rich") is None:
        for check in found:
            sys.stdout.write(f"{'ok' if check.ok else 'MISSING':8}{check.name}: {check.found} {check.remedy}\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("", "What", "Found", "For", "Remedy"):
        table.add_column(title, overflow="fold")
    for check in found:
        mark = "[green]ok[/]" if check.ok else "[red]missing[/]"
        table.add_row(mark, check.name, check.found, check.needed_for, check.remedy)
    console = Console()
    console.print(table)
    lacking = {check.needed_for: None for check in found if not check.ok}
    works = [need for need in get_args(Need) if need not in lacking]
    console.print(
        f"\nWorks: {', '.join(works) or 'nothing'}." + (f" Does not: {', '.join(lacking)}." if lacking else "")
    )


def _python() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check(
        "Python", sys.version_info >= (3, 11), version, "calls", "" if sys.version_info >= (3, 11) else "Use 3.11."
    )


def _packages() -> Iterator[Check]:
    for name, need in PACKAGES.items():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, ok=False, found="not installed", needed_for=need, remedy="Run make run.")
            continue
        remedy = _fault_of_qt(version) if name == "PySide6_Essentials" else ""
        yield Check(name, not remedy, version, need, remedy)


def _fault_of_qt(version: str) -> str:
    if version == FAULTY_QT and sys.version_info < (3, 12):
        return "Install another version: with this Python it ends the program while it paints."
    if version.startswith(UNFIT_QT):
        return "Install 6.10 or later: the spectrum cannot be drawn with this one."
    return ""


def _libraries() -> Iterator[Check]:
    if sys.platform != "linux":
        return
    for library, (package, need) in SYSTEM_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            remedy = f"sudo apt install {package}"
            yield Check(library, ok=False, found="not found", needed_for=need, remedy=remedy)
        else:
            yield Check(library, ok=True, found="found", needed_for=need)


def _fonts() -> Iterator[Check]:
    if sys.platform != "linux":
        return
    files = (file for folder in FONT_FOLDERS for file in Path(folder).expanduser().rglob("*.[to]t[fc]"))
    first = next(files, None)
    remedy = "" if first else "sudo apt install fonts-dejavu-core"
    yield Check("fonts", first is not None, str(first.parent) if first else "none", "window", remedy)


def _display() -> Iterator[Check]:
    if sys.platform != "linux":
        return
    names = [f"{name}={value}" for name in ("DISPLAY", "WAYLAND_DISPLAY") if (value := os.environ.get(name))]
    remedy = "" if names else "Log in to a desktop, or use dtmfphone call in the terminal."
    yield Check("display", bool(names), ", ".join(names) or "none", "window", remedy)


def _network() -> Iterator[Check]:
    if importlib.util.find_spec("ifaddr") is None:
        return
    import ifaddr

    addresses = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    others = [address for address in addresses if not address.startswith("127.")]
    found = ", ".join(others) or "loopback only: calls stay inside this machine"
    yield Check("network addresses", bool(addresses), found, "calls", "" if addresses else "Bring an interface up.")


def _resolver() -> Iterator[Check]:
    """Look at who is asked for the servers of a SIP domain (RFC 3263)."""
    if importlib.util.find_spec("dns") is None:
        return
    import dns.exception
    import dns.resolver

    try:
        servers = [str(server) for server in dns.resolver.Resolver().nameservers]
    except (dns.exception.DNSException, OSError) as error:
        servers = []
        reason = str(error)
    else:
        reason = "none"
    remedy = "" if servers else "Set one up, or call by address: sip:user@192.0.2.1."
    yield Check("name servers", bool(servers), ", ".join(servers) or reason, "SIP", remedy)


def _keyring() -> Iterator[Check]:
    """Look at what keeps the passwords of accounts."""
    if importlib.util.find_spec("keyring") is None:
        return
    import keyring
    import keyring.backends.fail
    import keyring.backends.null

    ring = keyring.get_keyring()
    ok = not isinstance(ring, keyring.backends.fail.Keyring | keyring.backends.null.Keyring)
    remedy = "" if ok else "sudo apt install gnome-keyring; passwords are asked for each time until then."
    yield Check("system keyring", ok, ring.name if ok else "none", "keeping passwords", remedy)


def _sound() -> Iterator[Check]:
    if importlib.util.find_spec("sounddevice") is None:
        return
    try:
        import sounddevice

        devices = sounddevice.query_devices()
    except Exception as error:  # PortAudio missing (OSError) or failing (PortAudioError)
        yield Check(
            "sound devices", ok=False, found=str(error), needed_for="sound", remedy="sudo apt install libportaudio2"
        )
        return
    for kind, channels in (("loudspeaker", "max_output_channels"), ("microphone", "max_input_channels")):
        names = [device["name"] for device in devices if device[channels] > 0]
        remedy = "" if names else "Plug one in, or start the sound server."
        yield Check(kind, bool(names), ", ".join(names[:3]) or "none", "sound", remedy)


def _speech() -> Iterator[Check]:
    if importlib.util.find_spec("espeakng_loader") is None:
        return
    try:
        import espeakng_loader

        ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        reason = re.sub(r"^\S+: ", "", str(error))
        yield Check("espeak-ng", ok=False, found=reason, needed_for="speech", remedy="Install the extra speech again.")
    else:
        yield Check("espeak-ng", ok=True, found="loads", needed_for="speech")


def _recognizers() -> Iterator[Check]:
    """Look at what recognises spoken words; those that nobody needs are named only where they are installed."""
    need: Need = "recognising words"
    try:
        import pocketsphinx

        model = Path(pocketsphinx.get_model_path("en-us"))
    except (ImportError, OSError) as error:
        there = "for Python 3.11, 3.12 and 3.13: pip install 'dtmfphone[speech]'."
        yield Check("pocketsphinx", ok=False, found=str(error), needed_for=need, remedy=f"Install it, {there}")
    else:
        version = importlib.metadata.version("pocketsphinx")
        found = f"{version}, English model" if model.is_dir() else f"{version}, its model is not in {model}"
        yield Check("pocketsphinx", model.is_dir(), found, need, "" if model.is_dir() else "Install it again.")
    for name in MODEL_ENGINES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            version = importlib.metadata.version(name)
            yield Check(name, ok=True, found=f"{version}; give it the folder of a model", needed_for=need)
    for entry in importlib.metadata.entry_points(group="dtmfphone.recognizers"):
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
        yield Check(f"recognizer {entry.name}", ok=True, found=f"of {package}", needed_for=need)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
