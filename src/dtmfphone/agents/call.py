"""What tasks, handlers and senders need of a call."""

from typing import Protocol

from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.ivr.collection import AgentState, UserState


class ToolError(Exception):
    """Digits could not be collected or sent; `digits` are those that were."""

    def __init__(self, message: str, digits: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.digits = digits


class Listener(Protocol):
    """Is told what happens in a call, in the event loop."""

    def key_pressed(self, key: DtmfEvent) -> None:
        """The far end pressed a key."""
        ...

    def words_heard(self, text: str, keys: str, confidence: float | None, /) -> None:
        """The far end said something; `keys` are those that the words mean, if they mean nothing else.

        `confidence`: 0 to 1, as the recognizer claims; None: it claims nothing.
        """
        ...

    def user_changed(self, state: UserState) -> None:
        """The far end began or ceased to speak."""
        ...

    def agent_changed(self, state: AgentState) -> None:
        """The agent began or ceased to speak or think."""
        ...

    def call_ended(self, reason: str) -> None:
        """The call is over; nothing follows."""
        ...


class DtmfCall(Protocol):
    """A call that is up, or that was."""

    user_state: UserState
    agent_state: AgentState

    @property
    def over(self) -> str:
        """Why the call is over; empty: it is not."""
        ...

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of what happens from now on."""
        ...

    def unlisten(self, listener: Listener) -> None:
        """Tell it no more."""
        ...

    def interrupt(self) -> None:
        """What the agent says must stop now."""
        ...

    async def send_key(self, key: DtmfEvent) -> None:
        """Press a key, and return when it has gone out; raises ToolError when it has not."""
        ...
