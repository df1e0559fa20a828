"""The built-in IVR's side of a call: a peer of its own that runs a script."""

import asyncio
from collections.abc import Callable

from dtmfphone.calls.call import CallError, CallState, Direction
from dtmfphone.calls.dtmf_sender import SILENT, Slot
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.webrtc.peer import WebRtcPeer
from dtmfphone.engine.events import CallChanged, CollectorChanged, IvrStep
from dtmfphone.engine.leg import CallLeg, Clock, Emit
from dtmfphone.engine.sightings import Sightings
from dtmfphone.ivr.nodes import Script
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.voice import Voice
from dtmfphone.rtp.event_receiver import EventEnded, EventStarted
