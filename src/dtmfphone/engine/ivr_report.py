"""What a run of a script and what collectors tell, as events of the engine."""

from msgspec.structs import replace

from dtmfphone.engine.events import CollectorChanged, IvrStep
from dtmfphone.ivr.session_events import CollectorStep, Step
from dtmfphone.ivr.shadow_collection import ShadowStep


def step_event(call: str, script: str, step: Step) -> IvrStep:
    """Return the event of a step."""
    return IvrStep(
        t=step.t, call=call, script=script, node=step.node, action=step.action, text=step.text, note=step.note
    )


def collector_event(call: str, step: CollectorStep | ShadowStep) -> CollectorChanged:
    """Return the event of a change of the script's collector, or of a shadow."""
    now = step.transition
    event = CollectorChanged(
        t=now.t,
        call=call,
        state=now.state,
        node=step.node,
        digits=now.digits,
        expected=step.expected,
        timer=now.timer,
        timer_seconds=now.timer_seconds,
        timer_left=now.timer_left,
        end_reason=now.end_reason,
        paused=now.paused,
        attempt=now.attempt,
    )
    if isinstance(step, CollectorStep):
        return event
    shadow = step.shadow
    return replace(event, mode=shadow.mode, shadow=shadow.name, collection=step.collection, result=step.result)
