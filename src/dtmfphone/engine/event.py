"""What all events of the engine have in common."""

from typing import Literal

import msgspec

Leg = Literal["phone", "ivr"]
"""Whose side of a call an event was seen on: the phone's, or the built-in IVR's (a peer of its own)."""
Direction = Literal["sent", "received"]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event", gc=False):
    """Base of all events; there are many, they hold no other objects that could hold them, so nothing is collected."""

    t: float
