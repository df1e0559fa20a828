"""Send keys into a call."""

import asyncio
from collections.abc import Iterable

from dtmfphone.agents.call import DtmfCall, ToolError
from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.dtmf.keys import key_of

SPACING_SECONDS = 0.3
"""From the beginning of a key to that of the next."""
WAIT_SECONDS = 0.5
"""What `w` waits."""


async def send_dtmf_events(call: DtmfCall, events: str | Iterable[DtmfEvent]) -> None:
    """Send keys, 0.3 s apart; in a string `w` waits for 0.5 s. What is no key raises ValueError before any is sent.

    The first key that cannot be sent ends it with ToolError, whose `digits` are the keys before it. Different from
    livekit-agents: an error is raised, not returned as text; a key counts as sent when it is on the wire, not when it
    is queued; there is no pause after the last; A-D are sent, too.
    """
    steps = [None if event == "w" else DtmfEvent(key_of(event).char) for event in events]
    loop = asyncio.get_running_loop()
    free = loop.time()
    sent = ""
    for step in steps:
        if step is None:
            free = max(free, loop.time()) + WAIT_SECONDS
            continue
        await asyncio.sleep(free - loop.time())
        free = loop.time() + SPACING_SECONDS
        try:
            await call.send_key(step)
        except ToolError as error:
            raise ToolError(f"Failed to send DTMF event: {step.value}. Error: {error.message}", sent) from error
        sent += step.value
