"""Which key sounds in each outgoing packet: dial strings, keys held by hand, pauses and waits in one queue."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.tone_timer import MIN_GAP_MS, MIN_TONE_MS, Slot, ToneTimer, gap_slots, slots, tone_slots
from dtmfphone.dtmf.dial_string import Pause, Press, Step, Wait
from dtmfphone.dtmf.keys import key_of

__all__ = ["Dialer", "DialerChange", "DialerState", "Slot"]

MIN_HOLD_SECONDS: Final = 0.08
"""A key pressed by hand sounds at least so long."""
MAX_HOLD_SECONDS: Final = 10.0
"""Safety stop for a key that is not released."""
SILENT_WAIT_SECONDS: Final = 5.0
"""A wait for a far end that says nothing ends after this time."""
MAX_WAIT_SECONDS: Final = 60.0
"""Any wait ends after this time."""

DialerState = Literal["sending", "waiting", "idle", "stopped"]


@dataclass(frozen=True, kw_only=True)
class DialerChange:
    """The dialer came into a state."""

    t: float
    """Time of the packet with which it did."""
    state: DialerState
    """`waiting` is a wait or a pause; `idle` comes with the last slot of the last gap; `stopped` lasts until a key."""
    current: str
    """The key that sounds, or empty."""
    remaining: str
    """What follows, as a dial string."""
    sent: int
    """Keys whose tone has ended since the dialer was made, without those that were not taken."""
    reason: str = ""
    """One sentence where there is more to say."""


@dataclass(eq=False)
class _KeyPress:
    """A key in the queue; lengths in slots."""

    char: str
    least: int
    most: int
    gap: int
    pressed_at: float | None
    by_hand: bool

    def __str__(self) -> str:
        return self.char


class Dialer:
    """Plays queued keys one after the other, each of them once and in order.

    A key pressed by hand does not wait behind a pause or a wait: it sounds meanwhile.
    """

    def __init__(self) -> None:
        self._timer = ToneTimer()
        self._queue: deque[_KeyPress | Pause | Wait] = deque()
        self._sounding: _KeyPress | None = None
        self._begun: _KeyPress | None = None
        """The key that began last."""
        self._down: _KeyPress | None = None
        """The key that is held down, whether it sounds already or not."""
        self._waiting: Pause | Wait | None = None
        self._waited = 0
        """Slots since the wait or pause began."""
        self._stopped = False
        self._sounded = 0
        """Slots in which the key that began last has sounded."""
        self._sent = 0
        self._t = 0.0
        self._changes: list[DialerChange] = []
        self._told: tuple[DialerState, str, int, int] = ("idle", "", 0, 0)
        self._reason = ""

    @property
    def state(self) -> DialerState:
        """What the dialer does now."""
        if self._stopped:
            return "stopped"
        if self._timer.busy or (self._queue and self._waiting is None):
            return "sending"
        return "idle" if self._waiting is None else "waiting"

    @property
    def current(self) -> str:
        """The key that sounds, or empty."""
        return self._sounding.char if self._sounding is not None else ""

    @property
    def remaining(self) -> str:
        """What is still to come, as a dial string."""
        return "".join(str(item) for item in self._queue)

    @property
    def sent(self) -> int:
        """Keys whose tone has ended, without those that were not taken."""
        return self._sent

    @property
    def sounded(self) -> float:
        """Seconds for which the key that began last has sounded."""
        return self._sounded * SLOT_SECONDS

    def pressed_at(self, char: str) -> float | None:
        """Return when the key that began last was pressed, or None.

        None where it is another key, and inside a dial string: there only the first key goes out at once.
        """
        return self._begun.pressed_at if self._begun is not None and self._begun.char == char else None

    def changes(self) -> list[DialerChange]:
        """Return the changes since the last call of this method."""
        changes, self._changes = self._changes, []
        return changes

    def dial(self, steps: Iterable[Step], duration_ms: float = 100, gap_ms: float = 70, t: float | None = None) -> None:
        """Queue a dial string at time `t`; lengths are clamped to 40..6000 ms and 30..6000 ms."""
        self._stopped = False
        tone, gap = tone_slots(duration_ms), gap_slots(gap_ms)
        for step in steps:
            if isinstance(step, Press):
                pressed_at = t if self.state in ("idle", "stopped") else None
                self._queue.append(_KeyPress(step.char, tone_slots(MIN_TONE_MS), tone, gap, pressed_at, by_hand=False))
            else:
                self._queue.append(step)

    def key_down(self, char: str, t: float) -> None:
        """A key goes down at time `t`: its tone lasts until it goes up, or until the next key goes down."""
        char = key_of(char).char
        self._release(t)
        self._stopped = False
        self._down = _KeyPress(
            char, slots(MIN_HOLD_SECONDS), slots(MAX_HOLD_SECONDS), gap_slots(MIN_GAP_MS), t, by_hand=True
        )
        self._queue.append(self._down)

    def key_up(self, char: str, t: float) -> None:
        """A key goes up at time `t`; nothing happens if it is not the one that is held down."""
        if self._down is not None and self._down.char == key_of(char).char:
            self._release(t)

    def stop(self, t: float) -> None:
        """Drop the queue at time `t`, and end the tone as soon as it is long enough to be heard."""
        if self.state in ("idle", "stopped"):
            return
        self._t = t
        dropped = sum(isinstance(item, _KeyPress) for item in self._queue)
        self._queue.clear()
        self._waiting = self._down = None
        self._timer.release()
        self._stopped = True
        self._reason = f"Stopped; keys not sent: {dropped}."
        self._tell()

    def skip_wait(self) -> None:
        """Go on now where the dialer waits or pauses."""
        self._waiting = None

    def cut(self) -> None:
        """End the tone that sounds at once, however short it is."""
        self._timer.cut()
        if self._sounding is self._down:
            self._down = None

    def take_back(self, *, again: bool) -> None:
        """Count the key that sounded last as not sent; `again`: it comes once more, with the same length, first."""
        self._sent -= 1
        if again and self._begun is not None and not self._stopped:
            tone = max(self._sounded, tone_slots(MIN_TONE_MS))
            gap = self._begun.gap
            self._queue.appendleft(_KeyPress(self._begun.char, tone, tone, gap, pressed_at=None, by_hand=True))

    def slot(self, t: float, *, far_end_quiet: bool, far_end_silent: bool = False, by_hand_only: bool = False) -> Slot:
        """Return what sounds in the packet that leaves at time `t`; exactly once per outgoing packet of 20 ms.

        `far_end_quiet`: the far end has spoken since the wait began and is quiet again.
        `far_end_silent`: it has not spoken since the wait began. Both are ignored where the dialer does not wait.
        `by_hand_only`: keys pressed by hand may go out, dial strings wait.
        """
        self._t = t
        if self._sounding is not None and self._timer.char is None:
            self._tone_ended()
        if self._waiting is not None:
            self._wait(self._waiting, far_end_quiet=far_end_quiet, far_end_silent=far_end_silent)
        if not self._timer.busy:
            self._begin_next(by_hand_only=by_hand_only)
        slot = self._timer.slot()
        self._sounded += slot.char is not None
        self._tell()
        return slot

    def _release(self, t: float) -> None:
        press, self._down = self._down, None
        if press is None:
            return
        if press is self._sounding:
            self._timer.release()
        elif press.pressed_at is not None:
            # It has not begun yet, and will sound for as long as it was held.
            press.most = press.least = min(press.most, max(press.least, slots(t - press.pressed_at)))

    def _tone_ended(self) -> None:
        self._sent += 1
        if self._sounding is self._down:
            self._down = None
            self._reason = f"The key was held for {MAX_HOLD_SECONDS:.0f} s, so its tone was ended."
        self._sounding = None

    def _wait(self, waiting: Pause | Wait, *, far_end_quiet: bool, far_end_silent: bool) -> None:
        """Count a slot of a wait and end it when its time has come."""
        self._waited += 1
        if isinstance(waiting, Pause):
            over = self._waited >= slots(waiting.seconds)
        elif far_end_silent and self._waited >= slots(SILENT_WAIT_SECONDS):
            over = True
            self._reason = f"The far end said nothing for {SILENT_WAIT_SECONDS:.0f} s, so dialing went on."
        elif not far_end_quiet and self._waited >= slots(MAX_WAIT_SECONDS):
            over = True
            self._reason = f"The far end was not quiet within {MAX_WAIT_SECONDS:.0f} s, so dialing went on."
        else:
            over = far_end_quiet
        if over:
            self._waiting = None

    def _begin_next(self, *, by_hand_only: bool) -> None:
        item = self._take(by_hand_only=by_hand_only)
        if isinstance(item, _KeyPress):
            self._sounded = 0
            self._sounding = self._begun = item
            self._timer.hold(item.char, item.least, item.most, item.gap)
        elif item is not None:
            self._waiting, self._waited = item, 0
            if isinstance(item, Pause):
                self._reason = f"Pauses for {item.seconds:g} s."
            else:
                self._reason = "Waits until the far end has spoken."

    def _take(self, *, by_hand_only: bool) -> _KeyPress | Pause | Wait | None:
        """Return the next of the queue; during a pause or a wait, and before it, the next key pressed by hand."""
        at_wait = self._waiting is not None or (self._queue and not isinstance(self._queue[0], _KeyPress))
        if at_wait or by_hand_only:
            for item in self._queue:
                if isinstance(item, _KeyPress) and item.by_hand:
                    self._queue.remove(item)
                    return item
        if self._waiting is not None or not self._queue or by_hand_only:
            return None
        return self._queue.popleft()

    def _tell(self) -> None:
        # The length stands for the queue's content, which is long to write out in every slot.
        told = (self.state, self.current, len(self._queue), self._sent)
        if told != self._told:
            self._changes.append(
                DialerChange(
                    t=self._t,
                    state=self.state,
                    current=self.current,
                    remaining=self.remaining,
                    sent=self._sent,
                    reason=self._reason,
                )
            )
            self._told = told
            self._reason = ""
