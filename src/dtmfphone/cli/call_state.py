"""How the call that was placed stands, as its events say."""

from dtmfphone.engine.events import AnyEvent, CallChanged


def state(event: AnyEvent) -> str | None:
    """Return the state of the call that was placed; another one may come in meanwhile and hear busy."""
    if isinstance(event, CallChanged) and event.leg == "phone" and event.direction == "outgoing":
        return event.state
    return None


def up_or_over(event: AnyEvent) -> str | None:
    """Return the state where it is up or ended."""
    return now if (now := state(event)) in ("up", "ended", "failed") else None


def over(event: AnyEvent) -> str | None:
    """Return the state where it has ended."""
    return now if (now := up_or_over(event)) != "up" else None
