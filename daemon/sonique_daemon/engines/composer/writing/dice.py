"""Dice: seeded choices, one stream for each decision, so that one change never reshuffles the whole piece."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

Item = TypeVar("Item")


class Roll:
    """The stream of one decision."""

    __slots__ = ("_generator",)

    def __init__(self, entropy: Sequence[int]) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return float(self._generator.random()) < probability

    def between(self, low: float, high: float) -> float:
        """A number in [low, high), all equally likely."""
        return low + (high - low) * float(self._generator.random())

    def below(self, count: int) -> int:
        """A whole number in [0, count)."""
        return min(int(float(self._generator.random()) * count), count - 1)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, all equally likely."""
        return items[self.below(len(items))]

    def weigh(self, weights: Mapping[Item, float]) -> Item:
        """One of the keys, as likely as its weight says."""
        left = float(self._generator.random()) * sum(weights.values())
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        return next(reversed(list(weights)))

    def gamma(self, shape: float, mean: float) -> float:
        """A waiting time of that mean."""
        return float(self._generator.gamma(shape, mean / shape))

    def normal(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """``count`` independent standard normal numbers."""
        return self._generator.standard_normal(count)


class Dice:
    """All decisions of one piece."""

    __slots__ = ("_seed",)

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def at(self, *where: int | str) -> Roll:
        """The stream of the decision named by ``where`` (words, and numbers from 0)."""
        return Roll([self._seed, *(crc32(word.encode()) if isinstance(word, str) else word for word in where)])
