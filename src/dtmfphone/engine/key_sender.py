"""How the phone's keys go out: which one sounds in each outgoing packet, and by which method.

dialer -> slot, asked by the call   -> telephone-events (RFC 4733)
       -> frame, pulled by the call -> tones in the audio, or a SIP INFO request when the key goes up
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from dtmfphone.calls.call import Call, CallError, InfoCapable
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.dial_string import Press, Step
from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import ToneGenerator
from dtmfphone.engine.commands import Method
from dtmfphone.engine.events import Dialing, SendMethod
from dtmfphone.engine.key_method import INFO_TYPES, beside_events, choose, event_range
from dtmfphone.engine.leg import CallLeg, Emit, Spawn

SETTLE_SECONDS = 0.5
"""After the audio is open, keys wait for the far end's first audio, at most this long: before, it may drop packets."""
INFO_SECONDS = 4.0
"""After so long without an answer to SIP INFO, a key goes by the next method, where any may be taken."""
QUIET_SECONDS = 0.7
"""A far end that spoke and is silent for so long has come to the end of its prompt."""


@dataclass(frozen=True, eq=False)
class _Asking:
    """A key in an INFO request that waits for its answer."""

    method: SendMethod
    t: float
    """When its tone ended."""


class KeySender:
    """Sends the keys of one call, in order, each of them once."""

    def __init__(
        self,
        leg: CallLeg,
        dialer: Dialer,
        far_end: Activity,
        *,
        emit: Emit,
        spawn: Spawn,
        asked: Method,
        on_sounding: Callable[[str | None], None],
    ) -> None:
        self.call: Call | None = None
        self.method: SendMethod | None = None
        self._leg = leg
        self._dialer = dialer
        self._far_end = far_end
        self._emit = emit
        self._spawn = spawn
        self._asked: Method = asked
        self._on_sounding = on_sounding
        self._refused: dict[SendMethod, str] = {}
        """Methods that the far end did not take, and what it said."""
        self._chosen = False
        self._told_other = False
        self._sounding: str | None = None
        self._route: SendMethod | None = None
        """The method of the key that sounds, or sounded last."""
        self._t = 0.0
        """When the last packet left."""
        self._asking: _Asking | None = None
        """An INFO request waits for its answer; the next key waits for it."""
        self._tones: ToneGenerator | None = None
        self._tones_rate = 0
        self._toned: str | None = None
        """The key that the tone generator holds."""
        self._waiting = False
        self._held = False
        self._by_hand_only = False
        self._ready_at: float | None = None
        """From when on keys may go out; None: there is no audio yet, or no more."""

    def use_method(self, asked: Method) -> None:
        """Let the user choose how keys are sent."""
        self._asked = asked
        self._refused.clear()
        self.choose(tell=False)

    def choose(self, *, tell: bool) -> None:
        """Choose the method as far as the far end takes it, and report what and why; `tell`: also where it changed."""
        media = self.call.media if self.call is not None else None
        if self.call is None or media is None:
            return  # chosen when the far end has answered
        before = self.method
        self.method, reason = choose(self._asked, media, info=self._has_info, refused=self._unwilling)
        if self._chosen and self.method != before:
            self._cut()
            if tell:
                self._leg.notice("warning", f"Keys go another way from now on. {reason}")
        self._chosen = True
        self.call.events_enabled = self.method == "rfc4733"
        self._leg.report_media(media, self.method, reason)

    def open(self, t: float, *, by_hand_only: bool) -> None:
        """Audio flows from now on; `by_hand_only`: before the call is up, dial strings wait."""
        if self._by_hand_only and not by_hand_only:
            self._refused.clear()  # who does not take INFO while it rings may take it now
        self._by_hand_only = by_hand_only
        self._ready_at = t + SETTLE_SECONDS

    def heard_by_far_end(self, t: float) -> bool:
        """Whether audio that leaves at time `t` gets through."""
        return self._ready_at is not None and t >= self._ready_at and not self._held

    def heard(self, t: float) -> None:
        """Audio of the far end came."""
        if self._ready_at is not None and t < self._ready_at:
            self._ready_at = t

    def hold(self, held: bool) -> None:
        """No key goes out while the call is on hold."""
        self._held = held
        if held:
            self._cut()

    def close(self, t: float) -> None:
        """The call is over; a key whose answer is still to come counts as not taken."""
        if self._asking is not None:
            self._asking = None
            self._dialer.take_back(again=False)
        self._dialer.stop(t)
        self._ready_at = None
        self._cut()
        self._report_dialing()

    def key_down(self, char: str, t: float) -> None:
        """A key goes down, or a notice says why not."""
        if self._may_take([char]):
            self._dialer.key_down(char, t)

    def dial(self, steps: Sequence[Step], duration_ms: int, gap_ms: int, t: float) -> None:
        """Queue a dial string, or a notice says why not."""
        if self._may_take(step.char for step in steps if isinstance(step, Press)):
            self._dialer.dial(steps, duration_ms, gap_ms, t)

    def stop(self, t: float) -> None:
        """End the tone and drop the queue."""
        self._dialer.stop(t)
        self._report_dialing()

    def slot(self, t: float) -> Slot:
        """Return which telephone-event sounds in the packet that leaves at time `t`."""
        if self.method != "rfc4733":
            return SILENT  # then frames drive the dialer
        slot = self._advance(t)
        return slot if self._route == "rfc4733" else SILENT

    def frame(self, pcm: Pcm, rate: int, t: float) -> Pcm:
        """Return the audio of the frame that leaves at time `t`: what was given, or the tone of a key."""
        if self.method != "rfc4733":
            self._advance(t)
        wanted = self._sounding if self._route == "inband" else None
        if self._tones is None or rate != self._tones_rate:
            if wanted is None:
                return pcm
            self._tones, self._tones_rate, self._toned = ToneGenerator(rate), rate, None
        if wanted != self._toned:
            if wanted is not None:
                self._tones.key_down(wanted)
            else:
                self._tones.key_up()
            self._toned = wanted
        return to_int16(self._tones.render(len(pcm))) if self._tones.active else pcm

    @property
    def _has_info(self) -> bool:
        return isinstance(self.call, InfoCapable)

    @property
    def _unwilling(self) -> dict[SendMethod, str]:
        """What the far end did not take, or says that it does not."""
        call: object = self.call
        if isinstance(call, InfoCapable) and not call.allows_info:
            return {"info": "its Allow names no INFO", **self._refused}
        return self._refused

    def _may_take(self, chars: Iterable[str]) -> bool:
        """Say whether these keys can be sent as far as it is known, with a notice where not."""
        if self._held:
            self._leg.notice("error", "The call is on hold, so no keys can be sent.", "Resume it first.")
        elif self._chosen and self.method is None:
            what = "RFC 4733 events" if self._asked == "rfc4733" else "SIP INFO"
            self._leg.notice("error", f"This call takes no {what}.", "Choose the method automatic or in-band.")
        elif self._chosen and any(self._method_of(char) is None for char in chars):
            self._refuse_event()
        else:
            return True
        return False

    def _refuse_event(self) -> None:
        media = self.call.media if self.call is not None else None
        taken = event_range(media.event_codes) if media is not None else ""
        self._leg.notice(
            "error", f"The far end takes only the telephone-events {taken}.", "Choose the method automatic or in-band."
        )

    def _method_of(self, char: str) -> SendMethod | None:
        """Return how a key goes out: not every telephone-event need be one that the far end takes."""
        media = self.call.media if self.call is not None else None
        if self.method != "rfc4733" or media is None or key_of(char).code in media.event_codes:
            return self.method
        return beside_events(self._asked, info=self._has_info, refused=self._unwilling)

    def _advance(self, t: float) -> Slot:
        """Ask the dialer; exactly once per outgoing packet."""
        self._t = t
        if self._asking is not None and self._asked == "auto" and t >= self._asking.t + INFO_SECONDS:
            self._not_taken(self._asking, f"no answer within {INFO_SECONDS:g} s")
        if not self.heard_by_far_end(t) or self._asking is not None:
            return SILENT
        slot = self._dialer.slot(
            t,
            far_end_quiet=self._far_end.heard and self._far_end.quiet_for(t) >= QUIET_SECONDS,
            far_end_silent=not self._far_end.heard,
            by_hand_only=self._by_hand_only,
        )
        if slot.char != self._sounding:
            self._sounds(slot.char)
        self._report_dialing()
        return slot

    def _cut(self) -> None:
        if self._sounding is not None:
            self._dialer.cut()
            self._sounds(None)

    def _sounds(self, char: str | None) -> None:
        """Another key sounds, or none."""
        before, self._sounding = self._sounding, char
        self._on_sounding(char)
        if before is not None:
            self._ended(before)
        if char is not None:
            self._begun(char)

    def _begun(self, char: str) -> None:
        self._route = self._method_of(char)
        if self._route is None:
            self._refuse_event()
        elif self._route != self.method and not self._told_other:
            self._told_other = True
            media = self.call.media if self.call is not None else None
            taken = event_range(media.event_codes) if media is not None else ""
            way = "SIP INFO" if self._route in INFO_TYPES else "tones in the audio"
            self._leg.notice("info", f"The far end takes only the telephone-events {taken}; other keys go as {way}.")

    def _ended(self, char: str) -> None:
        if self._route is None:
            self._dialer.take_back(again=False)
        elif self._route in INFO_TYPES and self._ready_at is not None:
            self._asking = _Asking(self._route, self._t)
            self._spawn(self._send_info(char, self._dialer.sounded, self._asking))

    async def _send_info(self, char: str, duration: float, asking: "_Asking") -> None:
        call: object = self.call
        assert isinstance(call, InfoCapable)
        try:
            key = await call.send_info(char, duration, INFO_TYPES[asking.method])
            taken = key.status is not None and 200 <= key.status < 300
            said = f"{key.status or ''} {key.reason}".strip().rstrip(".") or "no answer"
        except CallError as error:
            taken, said = False, error.reason.rstrip(".")
        if self._asking is not asking:
            return  # too late, or the call has ended meanwhile
        if taken:
            self._asking = None
        else:
            self._not_taken(asking, said)

    def _not_taken(self, asking: "_Asking", said: str) -> None:
        """The far end did not take a key in SIP INFO: in auto it goes the next way."""
        self._asking = None
        self._dialer.take_back(again=self._asked == "auto")
        if self._asked == "auto":
            self._refused[asking.method] = said
            self._leg.notice("warning", f"The far end did not take a key in SIP INFO ({said}): it goes as a tone.")
            self.choose(tell=False)
        else:
            text = f"The far end did not take a key in SIP INFO ({said})."
            self._leg.notice("error", text, "Choose the method automatic or in-band.")

    def _report_dialing(self) -> None:
        for change in self._dialer.changes():
            if change.state == "waiting" and not self._waiting:
                self._far_end.mark()
            self._waiting = change.state == "waiting"
            self._emit(Dialing(call=self._leg.id, **asdict(change)))
