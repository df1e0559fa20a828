"""Shadow collectors beside the collector of a script that answers: they see what it sees, when it sees it."""

from dtmfphone.engine.leg import CallLeg, Clock, Emit
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.engine.shadows import Shadows
from dtmfphone.ivr.belated_stop import BELATED
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.nodes import Collect, Confirm, Menu
from dtmfphone.ivr.session_events import CollectorStep, Heard, SessionEvent, Step


class IvrShadows(Shadows):
    """Watches the caller's keys; the script is the agent, and may say where collections begin."""

    def __init__(self, leg: CallLeg, plan: ShadowPlan, emit: Emit, clock: Clock, script: Script) -> None:
        super().__init__(leg, plan, emit, clock, keys="received", follows=plan.follow)
        self._script = script
        self._pressed = ""
        """A key that the script was told of, until it says at which of its events it took it."""
        self._collecting = False
        self._confirming = False
        """Whether the script has read something back, and waits for a yes or no."""

    def join(self, collection: CollectorStep | None, *, speaking: bool) -> None:
        """Begin to watch; the collection of the script that is under way is followed if no key is in."""
        self.start(hears_agent=False)
        if speaking:
            self.agent_changed("speaking", self._clock())
        if collection is not None:
            self.told(collection)

    def pressing(self, char: str) -> None:
        """The script is told of a key next."""
        self._pressed = char

    def told(self, event: SessionEvent) -> None:
        """Take what the script reports."""
        match event:
            case Step(action="key") if self._pressed:
                char, self._pressed = self._pressed, ""
                goes_on = self._collection.follows and self._collecting and not self._confirming
                if goes_on and event.note == BELATED:
                    self._report(self._collection.belated(char, event.t))
                else:
                    self.pressed("received", char, event.t)
            case Step(action="say"):
                self.agent_changed("speaking", event.t)
            case Step(action="said" | "interrupted"):
                self.agent_changed("listening", event.t)
            case Heard(keys=keys) if keys and not self._confirming:
                self.spoken("received", keys, event.t)
            case CollectorStep(transition=now, node=name):
                self._confirming = now.state == "confirming"
                if self._collecting and now.state in ("done", "failed"):
                    self._collecting = False
                    self._collection.script_ended()
                elif not self._collecting and now.state in ("prompting", "collecting") and not now.digits:
                    self._collecting = True
                    self._follow(name, event.t)

    def _follow(self, name: str, t: float) -> None:
        node = self._script.node(name)
        if self._collection.follows and isinstance(node, Menu | Confirm | Collect):
            self._report(self._collection.follow(node.settings(), t, name))
