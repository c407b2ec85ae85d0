"""The digits, and a network of two layers that learns them in numpy: gradient descent on the cross entropy."""

from dataclasses import dataclass

import numpy as np
from sklearn import datasets

HIDDEN = 63  # and one unit that is always 1, so that the second layer's bias is a row of its weights


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of (features + 1, hidden + 1) and (hidden + 1, 10); the last feature and the last unit are always 1."""

    first: np.ndarray
    second: np.ndarray

    def scores(self, samples: np.ndarray) -> np.ndarray:
        """Return the scores of the ten digits for every sample, in float64."""
        return np.maximum(samples.astype(np.float64) @ self.first, 0) @ self.second


def load_digits() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return samples and labels to learn from (two thirds) and to test with; a sample is 64 pixels and a 1."""
    digits = datasets.load_digits()
    samples = np.hstack([digits.data / 16, np.ones((len(digits.data), 1))]).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(samples))
    learned, tested = np.split(order, [len(order) * 2 // 3])
    return (samples[learned], digits.target[learned]), (samples[tested], digits.target[tested])


def train(samples: np.ndarray, labels: np.ndarray, rounds: int = 400, rate: float = 0.5) -> Network:
    """Return a network that was trained on all samples at once, ``rounds`` times."""
    rng = np.random.default_rng(1)
    first = np.hstack([rng.normal(0, 0.2, (samples.shape[1], HIDDEN)), np.zeros((samples.shape[1], 1))])
    first[-1, -1] = 1
    second = rng.normal(0, 0.2, (HIDDEN + 1, 10))
    wanted = np.eye(10)[labels]
    for _ in range(rounds):
        hidden = np.maximum(samples @ first, 0)
        scores = hidden @ second
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        slope = (chances - wanted) / len(samples)
        back = (slope @ second.T) * (hidden > 0)
        back[:, -1] = 0  # the unit that is always 1 does not learn
        second -= rate * hidden.T @ slope
        first -= rate * samples.T @ back
    return Network(first.astype(np.float32), second.astype(np.float32))
