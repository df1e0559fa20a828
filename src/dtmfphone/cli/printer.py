"""Events on the terminal: one line each for people, one JSON object each for scripts."""

import sys
from io import TextIOWrapper
from typing import Final, NoReturn, Protocol, TextIO

from rich.console import Console
from rich.text import Text

from dtmfphone.cli.shadow_lines import ShadowLines
from dtmfphone.engine.events import (
    BACKGROUND,
    PASS,
    REASONS,
    AccountChanged,
    AnyEvent,
    CallChanged,
    CollectorChanged,
    DevicesChanged,
    Dialing,
    HoldChanged,
    IvrStep,
    MediaChanged,
    Notice,
    ServerChanged,
    Sighting,
    SightingRejected,
    SignallingMessage,
    TransferChanged,
    Utterance,
)
from dtmfphone.engine.masking import mask
from dtmfphone.engine.wire import to_json

WIDE: Final = 250
"""Columns of an output that is no terminal."""


class Printer(Protocol):
    """Shows events as they happen."""

    def show(self, event: AnyEvent) -> None:
        """Show one event."""
        ...


def printer(*, json: bool, masked: bool, trace: bool = False, out: TextIO | None = None) -> Printer:
    """Return what prints events to `out` (standard output): JSON lines or text.

    `masked`: digits are hidden; `trace`: signalling messages are shown.
    """
    out = out or sys.stdout
    if not json:
        return TextPrinter(out, masked=masked, trace=trace)
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8")  # RFC 8259 section 8.1
    return JsonPrinter(out, masked=masked, trace=trace)


def console_on(out: TextIO) -> Console:
    """Return a console that prints on `out` what its character set has, and raises BrokenPipeError."""
    if isinstance(out, TextIOWrapper):
        out.reconfigure(errors="replace")
    console = _Console(file=out, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDE
    return console


class JsonPrinter:
    """One JSON object per line, flushed as it happens."""

    def __init__(self, out: TextIO, *, masked: bool, trace: bool = False) -> None:
        self._out = out
        self._masked = masked
        self._trace = trace

    def show(self, event: AnyEvent) -> None:
        """Print one event."""
        if isinstance(event, SignallingMessage) and not self._trace:
            return
        line = to_json(mask(event) if self._masked else event).decode()
        self._out.write(line + "\n")
        self._out.flush()


class _Console(Console):
    """A console that leaves it to its user what a reader that went away means."""

    def on_broken_pipe(self) -> NoReturn:
        """Pass the BrokenPipeError on."""
        raise BrokenPipeError


class TextPrinter:
    """Lines for people, in colour where the terminal has it."""

    def __init__(self, out: TextIO, *, masked: bool, trace: bool = False) -> None:
        self._console = console_on(out)
        self._shadows = ShadowLines()
        self._masked = masked
        self._trace = trace

    def show(self, event: AnyEvent) -> None:
        """Print one event, or nothing where it says nothing new to a person."""
        if self._masked:
            event = mask(event)
        if isinstance(event, SignallingMessage):
            if self._trace:
                self._show_message(event)
        elif (words := self._words(event)) is not None:
            text, style = words
            self._console.print(Text.assemble((f"{event.t:8.3f}  ", "dim"), (text, style)))

    def _words(self, event: AnyEvent) -> tuple[str, str] | None:
        if isinstance(event, CollectorChanged) and event.shadow:
            return self._shadows.words(event)
        if isinstance(event, CallChanged) and event.state in ("ended", "failed"):
            self._shadows.forget(event.call)
        return describe(event)

    def say(self, text: str) -> None:
        """Print a line that is no event."""
        self._console.print(Text(text))

    def _show_message(self, event: SignallingMessage) -> None:
        """Print a signalling message as it stands, under a line of when, whence and where."""
        arrow, style = ("->", "green") if event.direction == "sent" else ("<-", "yellow")
        way = f"{event.transport} {event.local} {arrow} {event.remote}"
        self._console.print(Text.assemble((f"{event.t:8.3f}  ", "dim"), (f"sip   {way}", f"bold {style}")))
        for line in event.text.splitlines():
            self._console.print(Text(f"          {line}", style))


def describe(event: AnyEvent) -> tuple[str, str] | None:
    """Return an event in words and its style, or None for events that only a machine reads."""
    match event:
        case CallChanged():
            style = {"up": "bold green", "failed": "bold red"}.get(event.state, "bold")
            who = "call" if event.leg == "phone" else "ivr "
            on = f"(account {event.account})" if event.account else ""
            return _sentence(f"{who}  {event.state}", event.target, on, event.reason, event.remedy), style
        case MediaChanged(leg="phone"):
            events = (
                f"telephone-event {event.event_payload_type} at {event.event_clock} Hz"
                if event.event_payload_type is not None
                else "no telephone-event"
            )
            secure = ", encrypted" if event.secure else ""
            method = event.method or "none"
            return _sentence(
                f"media {event.codec} ({event.payload_type}, {event.clock} Hz){secure}, {events}; keys by {method}",
                event.method_reason,
            ), "cyan"
        case HoldChanged():
            return _hold(event), "magenta"
        case TransferChanged():
            return _sentence(f"transfer {event.state}", event.target, event.reason), "magenta"
        case AccountChanged():
            until = f"for {event.expires} s" if event.expires else ""
            at = f"at {event.contact}" if event.contact else ""
            head = f"account {event.account} {event.state}"
            return _sentence(head, event.address, at, until, event.reason, event.remedy), "bold"
        case Sighting():
            return _sighting(event), "green" if event.direction == "sent" else "yellow"
        case SightingRejected(reason=reason) if reason not in BACKGROUND:
            return _rejected(event), "dim"
        case Dialing(state="waiting"):
            then = f"; then {event.remaining}" if event.remaining else ""
            return f"dial  {event.reason[:1].lower()}{event.reason[1:].rstrip('.')}{then}", "magenta"
        case Dialing(state="stopped"):
            return _sentence("dial  stopped", event.reason), "magenta"
        case CollectorChanged():
            digits = " ".join(event.digits) or "-"
            timer = f", {event.timer} timer {event.timer_left:.1f} s" if event.timer else ""
            if event.paused.startswith("user"):
                timer = f", timers wait: {event.paused}"
            return _sentence(f"collector {event.state}: {digits}{timer}", event.expected, event.end_reason), "blue"
        case Utterance():
            return _utterance(event), "green" if event.direction == "sent" else "yellow"
        case IvrStep(action="say"):
            return f"ivr   says “{event.text}”", "white"
        case IvrStep(action="key", note=note) if note:
            return f"ivr   key {event.text}: {note}", "dim"
        case IvrStep(action="send"):
            return f"ivr   sends {event.text}", "white"
        case IvrStep(action="transfer"):
            return f"ivr   transfers the call to {event.text}", "white"
        case IvrStep(action="record"):
            return _sentence(f"ivr   recording: {event.text}", event.note), "white"
        case IvrStep(action="set"):
            return f"ivr   sets {event.text}", "dim"
        case IvrStep(action="interrupted"):
            return "ivr   is interrupted", "dim"
        case DevicesChanged(problem=problem) if problem:
            return _sentence("sound", problem, event.remedy), "yellow"
        case ServerChanged():
            return _sentence(f"serve {event.state}", event.url, event.ivr, event.reason, event.remedy), "bold"
        case Notice():
            style = {"info": "cyan", "warning": "yellow", "error": "red"}[event.level]
            return _sentence(event.level, event.text, event.remedy), style
        case _:
            return None


def _sighting(event: Sighting) -> str:
    arrow = "->" if event.direction == "sent" else "<-"
    facts = [f"{event.duration * 1000:.0f} ms"] if event.duration or event.method != "info" else []
    if event.packets is not None:
        facts.append(f"{event.packets} packets, {event.end_packets or 0} ends")
    if event.clock is not None:
        facts.append(f"{event.clock} Hz")
    if event.content_type is not None:
        facts.append(event.content_type)
    if event.low_dbm0 is not None and event.high_dbm0 is not None:
        facts.append(f"{event.low_dbm0:.1f}/{event.high_dbm0:.1f} dBm0")
    if event.twist_db is not None:
        facts.append(f"twist {event.twist_db:+z.1f} dB")
    if failed := [name for name, words in event.verdicts.items() if words != PASS]:
        facts.append(f"fails {', '.join(failed)}")
    if event.note:
        facts.append(event.note)
    return f"{event.leg:5} {arrow} {event.key}  {event.method:8} " + "  ".join(facts)


def _utterance(event: Utterance) -> str:
    arrow = "->" if event.direction == "sent" else "<-"
    facts = [event.source]
    if event.confidence is not None:
        facts.append(f"confidence {event.confidence:.0%}")
    if event.duration:
        facts.append(f"{event.duration * 1000:.0f} ms")
    if event.keys:
        facts.append(f"as {event.keys}")
    if event.note:
        facts.append(event.note)
    return f"{event.leg:5} {arrow} “{event.text}”  " + "  ".join(facts)


def _hold(event: HoldChanged) -> str:
    match event.here, event.there:
        case True, True:
            return "hold  by both sides"
        case True, False:
            return "hold  by us"
        case False, True:
            return "hold  by the far end"
        case _:
            return "hold  over, the call goes on"


def _rejected(event: SightingRejected) -> str:
    arrow = "->" if event.direction == "sent" else "<-"
    head = f"{event.leg:5} {arrow} {event.key}  {event.method:8} refused: {REASONS[event.reason]}."
    return f"{head} {event.detail}".rstrip()


def _sentence(head: str, *parts: str) -> str:
    rest = " ".join(part for part in parts if part)
    return f"{head}  {rest}" if rest else head
