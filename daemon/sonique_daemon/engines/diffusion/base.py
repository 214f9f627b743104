"""What the players of diffusers' pipelines have in common."""

import itertools
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sonique_daemon.catalogue.model import MusicFacts
from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.diffusion.chunks import Chunks, chunks_of, encode_in_chunks, sparing_chunks_of
from sonique_daemon.engines.diffusion.compiling import CompiledForward
from sonique_daemon.engines.diffusion.decoding import decoded, sounding
from sonique_daemon.engines.diffusion.engine import IN_TURN, SMALLER_PIECES
from sonique_daemon.engines.music.devices import generators, minding_memory
from sonique_daemon.engines.music.player import OnStep, Piece
from sonique_daemon.engines.music.prompts import Prompt

COMPILE = "SONIQUE_COMPILE"
"""Variable of the environment: "1" has networks compiled at their first run, which takes minutes and pays later."""
_LEAST_NOISE = 0.02
_ROUNDING = 1e-6


class PipelinePlayer:
    """Plays a pipeline.

    Attributes:
        pipeline: of diffusers.
        facts: of its model.
    """

    def __init__(self, pipeline: Any, facts: MusicFacts) -> None:
        self.pipeline, self.facts = pipeline, facts
        self._spared = 0
        self._compiled = _compiled(pipeline) if os.environ.get(COMPILE) == "1" else []
        encode_in_chunks(pipeline.vae)

    @property
    def sample_rate(self) -> int:
        """Of its autoencoder."""
        return int(self.pipeline.vae.config.sampling_rate)

    @property
    def channels(self) -> int:
        """Of its autoencoder."""
        return int(self.pipeline.vae.config.audio_channels)

    def steps(self, options: EngineOptions, seconds: float = 0.0) -> int:  # noqa: ARG002 - it steps alike for any
        """Those asked for, or the model's own."""
        return options.steps or self.facts.steps

    def guidance(self, options: EngineOptions) -> float:
        """That asked for, or the model's own."""
        return self.facts.guidance if options.guidance is None else options.guidance

    def heeds(self, options: EngineOptions) -> frozenset[Option]:  # noqa: ARG002 - of these every pipeline has its own
        """Steps and guidance."""
        return frozenset({Option.STEPS, Option.GUIDANCE})

    def remarks(self) -> list[str]:
        """That a network of it could not be compiled, once."""
        troubles = [each.trouble for each in self._compiled if each.trouble]
        if troubles:
            self._compiled = []
        return troubles[:1]

    def spare(self, count: int) -> None:
        """Decodes in smaller pieces, and at last keeps on the card only the part that works."""
        if count >= IN_TURN > self._spared and self.pipeline.device.type == "cuda":
            self.pipeline.enable_model_cpu_offload(device=self.pipeline.device)  # else it takes the first card
        self._spared = count

    def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
        """Latents by the pipeline, then audio."""
        total = self.steps(options) * self.rounds(pieces[0])
        counted = itertools.count(1)

        def after_step(_pipeline: Any, _index: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
            on_step(min(next(counted), total), total)
            return values

        on_step(0, total)
        with minding_memory(f"A piece of {pieces[0].seconds:.0f} s"):
            try:
                latents = self.latents(pieces, options, after_step)
                check = lambda: on_step(total, total)  # noqa: E731 - a name for what is passed on
                return decoded(self.pipeline.vae, latents, chunks=self._chunks(), check=check)
            finally:
                self._leave_card()

    def _leave_card(self) -> None:
        """Takes all parts off the card where they work there in turn: whoever worked last would stay, and hold memory
        that the next run needs.
        """
        if self._spared >= IN_TURN:
            self.pipeline.maybe_free_model_hooks()

    def _chunks(self) -> Chunks | None:
        """In which audio is decoded."""
        vae = self.pipeline.vae
        return sparing_chunks_of(vae) if self._spared >= SMALLER_PIECES else chunks_of(vae)

    def tokens(self, prompt: Prompt) -> int:
        """How many tokens its text encoder makes of ``prompt``."""
        raise NotImplementedError

    def rounds(self, piece: Piece) -> int:  # noqa: ARG002 - one call makes it
        """How many calls of the pipeline make a piece like ``piece``, each with all steps."""
        return 1

    def latents(self, pieces: Sequence[Piece], options: EngineOptions, after_step: Callable[..., Any]) -> Any:
        """Latents ``[batch, dim, frames]`` of ``pieces``."""
        raise NotImplementedError

    def sources(self, pieces: Sequence[Piece]) -> list[Any]:
        """A source of chance for each of ``pieces``."""
        return generators([piece.seed for piece in pieces])

    def heard(self, latents: Any) -> Any:
        """The audio of ``latents`` ``[batch, dim, frames]``, as the autoencoder takes it, to go on from."""
        vae = self.pipeline.vae
        audio = sounding(vae, latents, chunks=self._chunks(), check=lambda: None)
        return audio.to(self.pipeline._execution_device, vae.dtype)  # noqa: SLF001

    def audio(self, pieces: Sequence[Piece]) -> Any:
        """The audio to start from, ``[batch, channels, n]`` as the autoencoder takes it."""
        import torch

        blocks = [piece.init for piece in pieces if piece.init is not None]
        vae = self.pipeline.vae
        return torch.from_numpy(np.stack(blocks)).to(self.pipeline._execution_device, vae.dtype)  # noqa: SLF001


def _compiled(pipeline: Any) -> list[CompiledForward]:
    """Its networks that work longest."""
    return [CompiledForward(pipeline.transformer), CompiledForward(pipeline.vae.decoder)]


def whole_frames(spans: Sequence[tuple[float, float]], rate: float) -> list[tuple[float, float]]:
    """``spans`` in seconds, each up to within the latent after the last that it touches; there are ``rate`` a second.

    Pipelines round ends down to whole latents. Where a window ends within one, that would be kept as it was given:
    silence, of up to a tenth of a second, before every join.
    """
    return [(start, (math.ceil(end * rate - _ROUNDING) + 0.5) / rate) for start, end in spans]


def noise_level(noise: float) -> float:
    """``noise`` as pipelines take it, which want some."""
    return max(noise, _LEAST_NOISE)
