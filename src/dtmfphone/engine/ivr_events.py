"""Events of IVRs: collectors, steps of scripts, words, and the graph of a script."""

from typing import Literal

import msgspec

from dtmfphone.engine.event import Direction, Event, Leg


class CollectorChanged(Event, frozen=True, tag="collector"):
    """State of a digit collector after a transition; the running timer needs no further events to be drawn."""

    call: str
    state: Literal["idle", "prompting", "collecting", "confirming", "done", "failed"]
    node: str = ""
    digits: str = ""
    expected: str = ""
    """In words, e.g. `4 digits, then #`."""
    timer: Literal["", "first-digit", "inter-digit", "total", "confirm"] = ""
    timer_seconds: float = 0.0
    timer_left: float = 0.0
    """Seconds left at `t`."""
    end_reason: str = ""
    mode: Literal["standard", "livekit"] = "standard"
    paused: str = ""
    """Why the timers do not run, e.g. `prompt` or `user speaking`."""
    attempt: int = 1
    shadow: str = ""
    """Name of the shadow collector, which only watches; empty: it is the IVR's own."""
    collection: int = 1
    """Of a shadow: how many collections it has begun in this call, 0 before the first."""
    result: str = ""
    """Of a shadow that has ended: what the program behind such a collector gets, or the error that it gets.

    Of one that is `idle`: that it watches no longer; else why it is not waited for, and what it would come to.
    """


class Utterance(Event, frozen=True, tag="utterance"):
    """Words that were spoken into a call, or heard in it."""

    call: str
    leg: Leg
    direction: Direction
    text: str
    source: str
    """`typed`, or the name of the engine that spoke or recognised them, e.g. `pocketsphinx`."""
    start: float
    duration: float = 0.0
    confidence: float | None = None
    """0 to 1, as the engine claims; absent: it claims nothing."""
    keys: str = ""
    """The keys that they count as."""
    note: str = ""
    """What came of them, or why nothing."""


class SpeechChanged(Event, frozen=True, tag="speech"):
    """In the phone's call the synthetic voice (`sent`), or a far end that is listened to (`received`), is heard."""

    call: str
    direction: Direction
    speaking: bool
    """Whether it begins; else it ceases."""


class IvrStep(Event, frozen=True, tag="ivr"):
    """The built-in IVR came to a node, speaks, or does something."""

    call: str
    script: str
    node: str
    action: Literal["enter", "say", "said", "interrupted", "key", "set", "record", "send", "transfer", "hang-up"]
    text: str = ""
    """What is spoken, the key, `name = value`, `start` or `stop`, the keys that are sent, or the target."""
    note: str = ""
    """Of `key`: where it led, or why nowhere; of `record`: why not."""


class IvrBox(msgspec.Struct, frozen=True):
    """A node of a script in its place; lengths are in pixels, `x` and `y` are of the upper left corner."""

    node: str
    role: Literal["ask", "speak", "do", "task", "end"]
    line: str
    """What it says or does, in short."""
    text: str
    x: float
    y: float
    width: float
    height: float
    says: str = ""
    """What callers may say here, e.g. `yes, no` or `digits`."""


class IvrLabel(msgspec.Struct, frozen=True):
    """Where the label of a way stands, off boxes and other labels; `x` and `y` are of the upper left corner."""

    x: float
    y: float
    width: float
    height: float
    growth: float = 1.0
    """How many times larger it may be drawn around its middle."""


class IvrWay(msgspec.Struct, frozen=True):
    """A way between two nodes in its place; one from a node to itself has no points."""

    source: str
    target: str
    label: str = ""
    """What takes it; empty: it always follows."""
    inward: bool = False
    """Into a task, or back out of it."""
    points: tuple[tuple[float, float], ...] = ()
    place: IvrLabel | None = None
    """Of the label; absent: there is none."""


class IvrGraph(Event, frozen=True, tag="ivr-graph"):
    """A call is up with a script that looks like this; a script that is too large to be drawn has no boxes."""

    call: str
    script: str
    title: str
    width: float = 0.0
    height: float = 0.0
    boxes: tuple[IvrBox, ...] = ()
    ways: tuple[IvrWay, ...] = ()
