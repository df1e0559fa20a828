"""The window's main job in the terminal, for a machine without a display: call the built-in IVR and press keys."""

from dtmfphone.cli.printer import TextPrinter
from dtmfphone.cli.session import Session
from dtmfphone.engine.commands import Dial, HangUp, PlaceCall
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent, CallChanged, Dialing, IvrStep, MediaChanged, Sighting
from dtmfphone.engine.pacing import load_for, run_loop

TARGET = "builtin:reception"
DIGITS = "2,,4w4071#,,"
"""Office hours; then the patient number, entered when the IVR has asked for it, and read back."""
PATIENCE = 90.0
"""Seconds until the demo gives up."""


def run(printer: TextPrinter, display: DisplayRing) -> tuple[bool, list[AnyEvent]]:
    """Place the call, press the keys, print the live log and a summary.

    Returns whether every key went out and was received by the IVR, and the events of the session.
    """
    load_for(targets=[TARGET])
    return run_loop(_run(printer, display))


async def _run(printer: TextPrinter, display: DisplayRing) -> tuple[bool, list[AnyEvent]]:
    async with Session(printer, sound=False, display=display) as session:
        session.submit(PlaceCall(target=TARGET))
        state = await session.wait_for(_settled, timeout=PATIENCE)
        if state == "up":
            session.submit(Dial(digits=DIGITS))
            try:
                await session.wait_for(_all_sent, timeout=PATIENCE)
            except TimeoutError:
                printer.say("The keys did not all go out in time.")
            session.submit(HangUp())
            await session.wait_for(_over, timeout=PATIENCE)
    return _summary(printer, session.events), session.events


def _settled(event: AnyEvent) -> str | None:
    if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("up", "ended", "failed"):
        return event.state
    return None


def _over(event: AnyEvent) -> str | None:
    return state if (state := _settled(event)) != "up" else None


def _all_sent(event: AnyEvent) -> bool | None:
    return True if isinstance(event, Dialing) and event.state == "idle" and event.sent > 0 else None


def _summary(printer: TextPrinter, events: list[AnyEvent]) -> bool:
    sent = [event for event in events if isinstance(event, Sighting) and event.direction == "sent"]
    received = [
        event
        for event in events
        if isinstance(event, Sighting) and event.leg == "ivr" and event.direction == "received"
    ]
    media = next((event for event in events if isinstance(event, MediaChanged) and event.leg == "phone"), None)
    printer.say("")
    printer.say("Summary")
    if media is not None:
        printer.say(f"  call      {TARGET}, {media.codec}, keys by {media.method}")
    printer.say(
        f"  sent      {' '.join(event.key for event in sent) or 'nothing'}  ({len(sent)} keys, as seen on the wire)"
    )
    printer.say(
        f"  received  {' '.join(event.key for event in received) or 'nothing'}  ({len(received)} keys, by the IVR)"
    )
    spoken = [event.text for event in events if isinstance(event, IvrStep) and event.action == "say"]
    printer.say(f"  the IVR spoke {len(spoken)} times, last: “{spoken[-1]}”" if spoken else "  the IVR did not speak")
    asked = [char for char in DIGITS if char not in "w,p"]
    return [event.key for event in sent] == asked == [event.key for event in received]
