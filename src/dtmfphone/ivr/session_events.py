"""What a run of a script tells."""

from dataclasses import dataclass
from typing import Final, Literal

from dtmfphone.ivr import prompt
from dtmfphone.ivr.collection import Transition

Action = Literal["enter", "say", "said", "interrupted", "key", "set", "record", "send", "transfer", "hang-up"]
TYPED: Final = "typed"
"""The source of words that are sure."""


@dataclass(frozen=True)
class Step:
    """The run came to a node, speaks, took a key, or wants something done.

    `record`: begin or end to record the call. `send`: send keys, and tell `sent`. `transfer`: ask for it, and tell
    `transfer_failed` where it does not work. `hang-up`: end the call.
    """

    t: float
    node: str
    action: Action
    text: str = ""
    """What is spoken, the key, `name = value`, `start` or `stop`, the keys to send, or the target."""
    note: str = ""
    """Of `key`: where it led, or why nowhere; of `record`: why not."""
    accepted: bool = True
    """Whether it had an effect that the script foresees, or is to have one."""


@dataclass(frozen=True)
class CollectorStep:
    """The collector of a node that waits for keys changed."""

    node: str
    expected: str
    """What the caller should press, in words."""
    transition: Transition

    @property
    def t(self) -> float:
        """When."""
        return self.transition.t


@dataclass(frozen=True)
class NoVoice:
    """A beep sounds in place of this text, or of this sound file."""

    t: float
    node: str
    text: str
    """Empty: what the caller entered or said, which is nobody's business."""
    remedy: str = prompt.SPEECH_REMEDY


@dataclass(frozen=True)
class Heard:
    """The caller said something."""

    t: float
    node: str
    """Where it counted, or would have."""
    text: str
    """The words; empty: none that were understood."""
    source: str
    """`typed`, or the name of the engine that recognised them."""
    confidence: float | None = None
    """0 to 1, as the engine claims; None: it claims nothing."""
    keys: str = ""
    """The keys that they count as."""
    note: str = ""
    """What came of them, or why nothing."""


RECORDING_REMEDY = "Put a sound file of at most ten minutes in its place."
SessionEvent = Step | CollectorStep | NoVoice | Heard
