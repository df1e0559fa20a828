import aiortc.rtp
import numpy as np
import pytest
from av import AudioFrame

from dtmfphone.calls.webrtc.audio_level import audio_level_dbov, install

aiortcs_own = aiortc.rtp.compute_audio_level_dbov


@pytest.mark.parametrize("peak", [0, 1, 30, 1000, 32767])
@pytest.mark.parametrize(("form", "layout", "rows"), [("s16", "mono", 1), ("s16p", "stereo", 2)])
def test_it_is_the_level_that_aiortc_computes(peak: int, form: str, layout: str, rows: int) -> None:
    tone = np.rint(peak * np.sin(np.arange(960) / 7)).astype(np.int16)
    frame = AudioFrame.from_ndarray(np.tile(tone, (rows, 1)), format=form, layout=layout)
    assert audio_level_dbov(frame) == aiortcs_own(frame)


def test_the_greatest_square_wave_is_0_dbov() -> None:
    frame = AudioFrame.from_ndarray(np.full((1, 160), -32768, np.int16), format="s16", layout="mono")
    assert audio_level_dbov(frame) == 0


def test_aiortc_uses_it() -> None:
    install()
    assert aiortc.rtp.compute_audio_level_dbov is audio_level_dbov
