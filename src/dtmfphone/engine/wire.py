"""Commands and events as bytes: msgpack on the pipe to the window, JSON lines for people and scripts."""

import msgspec

from dtmfphone.engine.commands import AnyCommand
from dtmfphone.engine.events import AnyEvent

encode = msgspec.msgpack.Encoder().encode
"""Any command or list of events to msgpack."""
decode_command = msgspec.msgpack.Decoder(AnyCommand).decode
decode_events = msgspec.msgpack.Decoder(list[AnyEvent]).decode
to_json = msgspec.json.Encoder().encode
"""Any command or event to one JSON object, without a line end."""
event_from_json = msgspec.json.Decoder(AnyEvent).decode
