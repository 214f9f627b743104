"""Seeded chance: the same words give the same draws on every machine, whatever was drawn before."""

import zlib

import numpy as np


def draw(*words: str | int) -> np.random.Generator:
    """A generator for what ``words`` name; negative numbers are welcome."""
    entropy = [zlib.crc32(word.encode()) if isinstance(word, str) else word & 0xFFFFFFFF for word in words]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
