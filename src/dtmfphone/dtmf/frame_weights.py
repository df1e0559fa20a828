"""What the first look at frames has learnt; written by bench/train_talk_off.py."""

from typing import Final

import numpy as np

MEANS: Final = np.array([4.393, -4.474, -5.1651, 1.6685, 0.41566])
SCALES: Final = np.array([2.3424, 2.1484, 1.1728, 1.6518, 0.84652])
WEIGHTS: Final = np.array(
    [
        2.5151,
        -0.82229,
        -2.8866,
        -2.1402,
        -3.2924,
        -0.40971,
        -0.95271,
        -1.0878,
        -0.72813,
        -1.4168,
        -0.55876,
        -0.83444,
        -0.53756,
        -1.3649,
        0.81762,
        -0.22519,
        -2.0536,
        0.2718,
        0.68024,
        -0.73637,
    ]
)
BIAS: Final = 5.8449
