"""`dtmfphone detect`: the digits in recordings."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from dtmfphone.cli.recording_file import STANDARD_INPUT

if TYPE_CHECKING:
    from dtmfphone.cli.recording import Block, Recording
    from dtmfphone.cli.work_progress import WorkProgress
    from dtmfphone.engine.events import RecordingEvent

OK, UNUSABLE, USAGE = 0, 1, 2
INTERRUPTED: Final = 130
"""As shells have it for Ctrl+C."""
NO_READER: Final = 141
"""As shells have it for a closed pipe."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone detect`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="recording; - reads standard input")
    parser.add_argument("--files-from", metavar="LIST", help="file with one name per line; - reads standard input")
    parser.add_argument(
        "--raw", type=_rate, metavar="RATE", help="no header: 16-bit little-endian mono samples, so many per second"
    )
    parser.add_argument("--stream", action="store_true", help="hear the audio in 20 ms frames, as a live call does")
    parser.add_argument("--rejected", action="store_true", help="also show bursts that were refused, and why")
    parser.add_argument("--mask", action="store_true", help="hide digits in the output; file names stay as they are")
    parser.add_argument("--json", action="store_true", help="print one JSON object per digit")


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone detect`; returns the exit code."""
    files = list(args.files)
    if args.files_from is not None:
        if STANDARD_INPUT in files and args.files_from == STANDARD_INPUT:
            parser.error("standard input cannot be both a recording and the list: name one of them")
        try:
            files += _listed(args.files_from)
        except OSError as error:
            parser.error(f"--files-from {args.files_from}: {error.strerror}")
    elif not files:
        parser.error("name a recording, or a list of them with --files-from")
    if files.count(STANDARD_INPUT) > 1:
        parser.error("standard input can be read only once")
    work = _Work(args, files)
    try:
        return work.run()
    except KeyboardInterrupt:
        work.complain(f"Stopped by you at {work.place}.")
        return INTERRUPTED
    except BrokenPipeError:  # a reader that went away knows
        _write_nowhere()
        return NO_READER
    except OSError as error:
        _write_nowhere()
        work.complain(f"the output cannot be written: {error.strerror}. Make room, or write it elsewhere.")
        return UNUSABLE
    finally:
        work.end()


class _Report(Protocol):
    """Shows findings."""

    def add(self, event: "RecordingEvent") -> None: ...

    def end_file(self, file: str, channels: int) -> None: ...

    def end(self, files: int) -> None: ...


class _Work:
    """Goes through the files."""

    def __init__(self, args: argparse.Namespace, files: list[str]) -> None:
        self._args = args
        self._files = files
        self._report = _report(json=args.json)
        self._progress: WorkProgress | None = None
        self._done = 0
        """Bytes of the files that are through."""
        self.place = "the beginning"

    def run(self) -> int:
        """Examine every file; returns the exit code."""
        if sys.stderr.isatty() and not (self._args.json and sys.stdout.isatty()):
            from dtmfphone.cli.work_progress import WorkProgress

            sizes = [_size(file) for file in self._files]
            self._progress = WorkProgress(None if None in sizes else sum(size or 0 for size in sizes) or None)
        faults = sum(not self._examine(file) for file in self._files)
        self._report.end(len(self._files))
        sys.stdout.flush()
        return UNUSABLE if faults else OK

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.hide()

    def complain(self, text: str) -> None:
        """Print a line on standard error."""
        self.end()
        print(f"dtmfphone: {text}", file=sys.stderr, flush=True)

    def _examine(self, file: str) -> bool:
        """Show what is in a file, and return whether all of it could be used."""
        from dtmfphone.cli.recording import RecordingError
        from dtmfphone.cli.recording_file import open_recording

        shown = _printable(file)
        try:
            recording = open_recording(file, self._args.raw)
        except RecordingError as error:
            self.complain(f"{shown}: {error}")
            return False
        with recording:
            for remark in recording.remarks:
                self.complain(f"{shown}: {remark}")
            self._listen(recording, file, shown)
        for problem in recording.problems:
            self.complain(f"{shown}: {problem}")
        return not recording.problems

    def _listen(self, recording: "Recording", file: str, shown: str) -> None:
        from dtmfphone.cli.examination import examine
        from dtmfphone.engine.masking import mask

        size = _size(file) or 0
        options = {"stream": self._args.stream, "rejected": self._args.rejected}
        for event in examine(
            self._watched(recording, shown, size), recording.rate, recording.channels, shown, **options
        ):
            self._report.add(mask(event) if self._args.mask else event)
        self.end()
        self._report.end_file(shown, recording.channels)
        self._done += size

    def _watched(self, recording: "Recording", shown: str, size: int) -> Iterator["Block"]:
        """Yield the blocks, and tell how far they are."""
        for block in recording.blocks():
            yield block
            self.place = f"{recording.heard:.1f} s of {shown}"
            if self._progress is not None:
                part = min(recording.heard / recording.seconds, 1.0) if recording.seconds else 0.0
                self._progress.show(self._done + part * size, shown)


class _JsonReport:
    """One JSON object per line, flushed as it is found."""

    def __init__(self) -> None:
        import msgspec

        self._encode = msgspec.json.Encoder().encode

    def add(self, event: "RecordingEvent") -> None:
        sys.stdout.buffer.write(self._encode(event) + b"\n")
        sys.stdout.buffer.flush()

    def end_file(self, file: str, channels: int) -> None:
        """Say nothing: a file without digits has no lines."""

    def end(self, files: int) -> None:
        """Say nothing."""


def _report(*, json: bool) -> _Report:
    if json:
        return _JsonReport()
    from dtmfphone.cli.key_table import KeyTables
    from dtmfphone.cli.printer import console_on

    return KeyTables(console_on(sys.stdout))


def _listed(name: str) -> list[str]:
    """Return the names in a list, one per line. Raises OSError."""
    data = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    return [os.fsdecode(line.rstrip(b"\r")) for line in data.split(b"\n") if line.strip()]


def _printable(file: str) -> str:
    """Return a file's name as one line of text."""
    text = os.fsencode(file).decode("utf-8", "replace")
    return text if text.isprintable() else repr(text)[1:-1]


def _size(file: str) -> int | None:
    try:
        return Path(file).stat().st_size if file != STANDARD_INPUT else None
    except (OSError, ValueError):
        return 0


def _rate(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of samples per second") from None
    if not 4000 <= value <= 192_000:
        raise argparse.ArgumentTypeError(f"{text} is not between 4000 and 192000 samples per second")
    return value


def _write_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
