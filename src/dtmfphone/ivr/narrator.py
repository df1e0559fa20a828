"""What speaks in a run of a script, one prompt at a time, and tells what happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import prompt
from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.journey import Journey
from dtmfphone.ivr.playback import Playback, beep
from dtmfphone.ivr.session_events import RECORDING_REMEDY, Action, CollectorStep, NoVoice, SessionEvent, Step
from dtmfphone.ivr.speech import Lookup, speech


@dataclass
class Narrator:
    """Speaks texts and sound files into the slots that are pulled, and collects events; times are monotonic seconds."""

    voice: Lookup
    recording: Lookup
    journey: Journey
    speaking: bool = field(default=False, init=False)
    """Whether a prompt sounds: it has begun, and was neither interrupted nor told to have been `said`."""
    ends_at: float | None = field(default=None, init=False)
    """When its last sample will have been sent; None: that is still queued, or nothing sounds."""
    events: list[SessionEvent] = field(default_factory=list, init=False)
    _playback: Playback = field(default_factory=Playback, init=False)

    def drain(self) -> list[SessionEvent]:
        """Return what has happened since the last time."""
        events, self.events = self.events, []
        return events

    def step(self, t: float, action: Action, text: str = "", *, note: str = "", accepted: bool = True) -> None:
        """Tell of something that happened in the node where the call is."""
        self.events.append(Step(t, self.journey.name, action, text, note, accepted))

    def collected(self, transitions: Iterable[Transition], expected: str) -> None:
        """Tell what the collector of the node did, which expects something, in words."""
        self.events += [CollectorStep(self.journey.name, expected, transition) for transition in transitions]

    def say(self, t: float, *texts: str, values: Mapping[str, str] | None = None) -> None:
        """Speak texts with the variables of the call, or other values, in their places."""
        texts = tuple(text for text in texts if text.strip())
        values = self.journey.variables if values is None else values
        language = self.journey.script.language
        self.step(t, "say", " ".join(prompt.written(text, values, language) for text in texts))
        audio, missing = speech(texts, values, self.voice, language)
        self.events += [NoVoice(t, self.journey.name, piece) for piece in missing]
        self._sound(audio)

    def play(self, t: float, name: str) -> None:
        """Play a sound file."""
        self.step(t, "say", f"[{name}]")
        pcm = self.recording(name)
        if pcm is None:
            self.events.append(NoVoice(t, self.journey.name, name, RECORDING_REMEDY))
        self._sound([beep() if pcm is None else pcm])

    def said(self, t: float) -> None:
        """The prompt has been sent to its end."""
        self.speaking, self.ends_at = False, None
        self.step(t, "said")

    def interrupt(self, t: float) -> bool:
        """Be silent from the next slot on; return whether a prompt sounded."""
        if not self.speaking:
            return False
        self.speaking, self.ends_at = False, None
        self._playback.stop()
        self.step(t, "interrupted")
        return True

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return exactly `samples` mono int16 samples at `rate` Hz for the slot sent at `t`: speech or silence."""
        pcm = self._playback.pull(samples, rate)
        if self.speaking and self.ends_at is None and not self._playback.speaking:
            self.ends_at = t + samples / rate
        return pcm

    def _sound(self, audio: Iterable[Pcm]) -> None:
        self._playback.play(audio)
        self.speaking, self.ends_at = True, None
