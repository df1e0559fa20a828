"""Shadow collectors on the terminal: a line where one begins, and where it comes to a verdict."""

from dtmfphone.engine.events import CollectorChanged


class ShadowLines:
    """Knows what was printed of each shadow, so that keys and timers do not repeat it."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, tuple[int, str]]] = {}
        """Collection and state, by call and shadow."""

    def forget(self, call: str) -> None:
        """A call is over: nothing comes of it any more."""
        self._shown.pop(call, None)

    def words(self, event: CollectorChanged) -> tuple[str, str] | None:
        """Return the change of a shadow in words and its style, or None where it is no news to a person."""
        state = "collecting" if event.state == "prompting" else event.state
        shown, now = self._shown.setdefault(event.call, {}), (event.collection, state)
        if shown.get(event.shadow) == now and not event.result:
            return None
        if shown.get(event.shadow, now)[0] <= event.collection:  # else a belated stop key ended the one before
            shown[event.shadow] = now
        head = f"shadow {event.shadow}"
        numbered = f"{head}, collection {event.collection}:"
        match state:
            case "idle":
                return f"{head} {event.result or f'watches: {event.expected}'}", "blue"
            case "collecting":
                return f"{numbered} {event.result or f'begins, {event.expected}'}", "blue"
            case "confirming":
                return f"{numbered} reads back {' '.join(event.digits)}", "blue"
            case "done":
                return f"{numbered} done, {event.result or 'no digits'}", "bold green"
            case _:
                return f"{numbered} failed, {event.result}", "bold red"
