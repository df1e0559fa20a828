"""A quadratic discriminant: the logarithm of the odds for a key, from features and all their products."""

from typing import NamedTuple

import numpy as np

from dtmfphone.dtmf.fit import Signal


def products(v: Signal) -> Signal:
    """Return features of shape (n, k) with all their products: shape (n, k + k * (k + 1) / 2)."""
    i, j = np.triu_indices(v.shape[1])
    return np.concatenate([v, v[:, i] * v[:, j]], axis=1)


class Discriminant(NamedTuple):
    """What was learnt from examples with k features."""

    means: Signal
    """Shape (k,)."""
    scales: Signal
    """Shape (k,)."""
    weights: Signal
    """One for each of `products`."""
    bias: float

    def scores(self, rows: Signal) -> Signal:
        """Return the scores of features of shape (n, k)."""
        return np.asarray(products((rows - self.means) / self.scales) @ self.weights + self.bias)
