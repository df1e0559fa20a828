"""The synthetic voices as the window gets them."""

from dtmfphone.engine.events import SpeechVoice, VoicesListed
from dtmfphone.ivr import espeak


def voice_list(t: float) -> VoicesListed:
    """Return the voices there are at time `t`, by title, or why there are none; blocks for some milliseconds."""
    try:
        voices = [SpeechVoice(name=voice.name, title=voice.description) for voice in espeak.voices()]
    except espeak.EspeakError as error:
        reason = str(error)
        return VoicesListed(t=t, problem=f"{reason[:1].upper()}{reason[1:]}.", remedy=error.remedy)
    return VoicesListed(t=t, voices=tuple(sorted(voices, key=lambda voice: voice.title.lower())))
