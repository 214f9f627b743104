"""The player seam: a music model in memory, asked for one window after the other.

``MusicEngine`` (``engine.py``) does all that music models have in common; what is particular to a family stands behind
this protocol. ``fake_player.py`` stands in for one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.music.prompts import Prompt

OnStep = Callable[[int, int], None]
"""Is told how many steps of how many are done, after each; raises ``Cancelled`` where the job was cancelled."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What one call is to make of one take.

    Attributes:
        prompt: what to play.
        negative: what must not be there, or "".
        seconds: how long.
        start: where it lies in the cue.
        total: the cue's length in seconds.
        seed: decides every choice that is left, 0 to 2^63-1.
        init: audio to start from at the model's rate and channels, or None; as long as the piece.
        noise: how much of that is not kept, 0 to 1; of no matter where there are ``spans``.
        spans: seconds ``(start, end)`` of ``init`` that are made anew, alone; () for all of it, by ``noise``.
    """

    prompt: Prompt
    negative: str
    seconds: float
    start: float
    total: float
    seed: int
    init: "Block | None" = None
    noise: float = 1.0
    spans: tuple[tuple[float, float], ...] = ()


class Player(Protocol):
    """A music model in memory; for one thread."""

    @property
    def sample_rate(self) -> int:
        """Of its audio in Hz."""

    @property
    def channels(self) -> int:
        """Of its audio, 1 or 2."""

    def tokens(self, prompt: Prompt) -> int:
        """How many tokens its text encoder makes of ``prompt``, signs of its own included."""

    def steps(self, options: EngineOptions, seconds: float) -> int:
        """How many steps a call for so many seconds takes, for telling how far it is."""

    def heeds(self, options: EngineOptions) -> frozenset[Option]:
        """The options that play a part in what it makes where ``options`` are asked for."""

    def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
        """Audio for each of ``pieces``, ``[channels, n]`` at its rate, at least as long as the piece.

        The pieces are of equal length, and all of them or none have audio to start from, with the same noise and spans.

        Raises:
            OutOfMemory: they do not fit; with fewer pieces, or with savings, they may.
            Cancelled: ``on_step`` said so.
        """

    def remarks(self) -> list[str]:
        """What is to be told of what it played since it was last asked, a sentence each; mostly nothing."""

    def spare(self, count: int) -> None:
        """Works with the first ``count`` of its family's savings from the next call on."""
