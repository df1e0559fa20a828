"""What came of a command, as the engine's events tell: the empty text when it worked, why not, or None: no word yet."""

from dtmfphone.engine.events import AccountChanged, AnyEvent, CallChanged, Dialing, Notice, Utterance


def over(event: CallChanged) -> str:
    """Return why a call is over, in a sentence."""
    return f"{event.reason} {event.remedy}".strip() or "The call is over."


def rings(event: AnyEvent) -> str | None:
    """An account was opened, and a call rings."""
    match event:
        case CallChanged(state="incoming"):
            return ""
        case AccountChanged(state="failed") | AccountChanged(state="closed"):
            return f"{event.reason} {event.remedy}".strip() or "The account is closed."
        case _:
            return None


def up(event: AnyEvent) -> str | None:
    """A call was placed or answered, and is up."""
    match event:
        case CallChanged(state="up"):
            return ""
        case CallChanged(state="ended") | CallChanged(state="failed"):
            return over(event)
        case _:
            return None


def listening(event: AnyEvent) -> str | None:
    """A recognizer was chosen, and is ready."""
    return "" if isinstance(event, Notice) and event.level == "info" else _failed(event)


def key_out(event: AnyEvent) -> str | None:
    """A key was to be sent, and the queue of keys is empty."""
    match event:
        case Dialing(state="idle"):
            return ""
        case Dialing(state="stopped"):
            return event.reason or "The key was not sent."
        case _:
            return _failed(event)


def said(event: AnyEvent) -> str | None:
    """A text was to be spoken, and is over, if only by an interruption."""
    return "" if isinstance(event, Utterance) and event.direction == "sent" else _failed(event)


def _failed(event: AnyEvent) -> str | None:
    """Return why nothing comes of what was asked for, or None."""
    match event:
        case CallChanged(state="ended") | CallChanged(state="failed"):
            return over(event)
        case Notice(level="error"):
            return f"{event.text} {event.remedy}".strip()
        case _:
            return None
