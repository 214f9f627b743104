"""Stable Audio Open 1.0: windows of 47 s, guided, from audio by a lower noise level at which it begins."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.diffusion.base import PipelinePlayer, noise_level
from sonique_daemon.engines.diffusion.chunks import SPARING
from sonique_daemon.engines.music.player import Piece
from sonique_daemon.engines.music.prompts import Prompt


class StableAudioOpenPlayer(PipelinePlayer):
    """Plays ``StableAudioPipeline``."""

    def tokens(self, prompt: Prompt) -> int:
        """Tokens of its text, with the end."""
        return len(self.pipeline.tokenizer(prompt.text).input_ids)

    def heeds(self, options: EngineOptions) -> frozenset[Option]:
        """Steps, guidance, and the range of its noise."""
        return super().heeds(options) | {Option.SIGMA_MIN, Option.SIGMA_MAX}

    def latents(self, pieces: Sequence[Piece], options: EngineOptions, after_step: Callable[..., Any]) -> Any:
        """By the pipeline; its noise has the range that the options and the audio to start from leave."""
        pipeline = self.pipeline
        self._set_range(pieces[0], options)
        arguments: dict[str, Any] = {
            "prompt": [piece.prompt.text for piece in pieces],
            "audio_end_in_s": pieces[0].seconds,
            "num_inference_steps": self.steps(options),
            "guidance_scale": self.guidance(options),
            "generator": self.sources(pieces),
            "callback": lambda index, time, latents: after_step(pipeline, index, time, {"latents": latents}),
            "output_type": "latent",
        }
        if pieces[0].negative and self.guidance(options) > 1.0:
            arguments["negative_prompt"] = [piece.negative for piece in pieces]
        if pieces[0].init is not None:
            arguments["initial_audio_waveforms"] = self.audio(pieces)
            arguments["initial_audio_sampling_rate"] = self.sample_rate
        return pipeline(**arguments).audios[..., : self._wanted(pieces[0].seconds)]

    def _wanted(self, seconds: float) -> int:
        """Latents that are decoded: of its window, which the model always fills, what is wanted and its neighbours."""
        rate: float = self.sample_rate / self.pipeline.vae.hop_length
        return math.ceil(seconds * rate) + SPARING.margin

    def _set_range(self, piece: Piece, options: EngineOptions) -> None:
        """Sets the noise levels between which the pipeline samples.

        Audio to start from is given with noise of the first level; between the last and the highest, levels are heard
        by their ratio, so that ``noise`` counts ratios.
        """
        if not hasattr(self, "_own"):
            self._own = (self.pipeline.scheduler.config.sigma_min, self.pipeline.scheduler.config.sigma_max)
        low = self._own[0] if options.sigma_min is None else options.sigma_min
        high = self._own[1] if options.sigma_max is None else options.sigma_max
        if piece.init is not None:
            high = low * (high / low) ** noise_level(piece.noise)
        kind = type(self.pipeline.scheduler)
        self.pipeline.scheduler = kind.from_config(self.pipeline.scheduler.config, sigma_min=low, sigma_max=high)
