"""A player that is no model: it plays chords of plain tones, and does all that the seam allows.

What it plays follows from prompt, seed, negative and options; each of its steps takes no time.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.music.player import OnStep, Piece
from sonique_daemon.engines.music.prompts import Prompt

STEPS = 6


@dataclass(slots=True)
class FakePlayer:
    """Plays chords.

    Attributes:
        sample_rate: of its audio.
        channels: of its audio.
        asked: every call's pieces.
        spared: how many savings it was told to work with.
    """

    sample_rate: int = 44_100
    channels: int = 2
    asked: list[tuple[Piece, ...]] = field(default_factory=list)
    spared: int = 0

    def tokens(self, prompt: Prompt) -> int:
        """A token for each word, and one more."""
        return len(prompt.text.split()) + 1

    def steps(self, options: EngineOptions, seconds: float = 0.0) -> int:  # noqa: ARG002 - it steps alike for any
        """What ``options`` says, or six."""
        return options.steps or STEPS

    def heeds(self, options: EngineOptions) -> frozenset[Option]:  # noqa: ARG002 - whatever is asked for
        """All: what it plays follows from them."""
        return frozenset(Option)

    def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
        """A chord for each piece, over its audio to start from."""
        self.asked.append(tuple(pieces))
        steps = self.steps(options)
        for step in range(steps):
            on_step(step + 1, steps)
        return [self._played(piece) for piece in pieces]

    def remarks(self) -> list[str]:
        """Nothing."""
        return []

    def spare(self, count: int) -> None:
        """Keeps ``count``."""
        self.spared = count

    def _played(self, piece: Piece) -> Block:
        count = round(piece.seconds * self.sample_rate)
        mono = _chord(piece, count, self.sample_rate)
        chord = np.repeat(mono[None], self.channels, axis=0)
        if piece.init is None:
            return chord
        share = np.full(count, piece.noise, np.float32)
        if piece.spans:
            share[:] = 0.0
        for start, end in piece.spans:
            share[round(start * self.sample_rate) : round(end * self.sample_rate)] = 1.0
        return np.asarray(piece.init * (1 - share) + chord * share, np.float32)


def _chord(piece: Piece, count: int, rate: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    told = f"{piece.prompt.text}\0{piece.negative}\0{piece.seed}"
    digest = hashlib.sha256(told.encode()).digest()
    times = np.arange(count, dtype=np.float64) / rate
    tones = [110.0 * 2 ** (byte % 36 / 12) for byte in digest[:3]]
    chord = sum(np.sin(2 * np.pi * tone * times) for tone in tones) / 3
    pulse = 0.6 + 0.4 * np.cos(2 * np.pi * times * piece.prompt.fields.bpm / 60)
    return np.asarray(0.3 * chord * pulse, np.float32)
