"""Digits in a call for Python programs, under the names that developers of voice agents know."""

from dtmfphone.agents.call import DtmfCall as DtmfCall
from dtmfphone.agents.call import Listener as Listener
from dtmfphone.agents.call import ToolError as ToolError
from dtmfphone.agents.dtmf_event import DtmfEvent as DtmfEvent
from dtmfphone.agents.get_dtmf import GetDtmfResult as GetDtmfResult
from dtmfphone.agents.get_dtmf import GetDtmfTask as GetDtmfTask
from dtmfphone.agents.handler import DtmfHandler as DtmfHandler
from dtmfphone.agents.live_call import LiveCall as LiveCall
from dtmfphone.agents.send import send_dtmf_events as send_dtmf_events
