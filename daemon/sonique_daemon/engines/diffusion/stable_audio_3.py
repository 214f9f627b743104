"""Stable Audio 3, distilled and base: plain, from audio, and spans of audio made anew, of which going on is a case."""

from collections.abc import Callable, Sequence
from typing import Any

from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.diffusion.base import PipelinePlayer, noise_level, whole_frames
from sonique_daemon.engines.diffusion.guidance import Against, guided
from sonique_daemon.engines.music.player import Piece
from sonique_daemon.engines.music.prompts import Prompt


class StableAudio3Player(PipelinePlayer):
    """Plays the three pipelines of Stable Audio 3 over one set of weights."""

    def tokens(self, prompt: Prompt) -> int:
        """Tokens of its text, with the end."""
        return len(self.pipeline.tokenizer(prompt.text).input_ids)

    def heeds(self, options: EngineOptions) -> frozenset[Option]:
        """Steps and guidance, which is given back in part where there is any."""
        more = {Option.GUIDANCE_RESCALE} if self.guidance(options) > 1.0 else set()
        return super().heeds(options) | more

    def latents(self, pieces: Sequence[Piece], options: EngineOptions, after_step: Callable[..., Any]) -> Any:
        """By the pipeline that the pieces ask for, guided where that is wanted."""
        call = self._call(pieces[0])
        arguments: dict[str, Any] = {
            "prompt": [piece.prompt.text for piece in pieces],
            "duration": pieces[0].seconds,
            "num_inference_steps": self.steps(options),
            "generator": self.sources(pieces),
            "callback_on_step_end": after_step,
            "output_type": "latent",
        }
        if pieces[0].init is not None:
            arguments["audio"] = self.audio(pieces)
            arguments |= self._from_audio(pieces[0])
        with guided(self.pipeline.transformer, self._against(pieces, options)):
            return call(**arguments).audios

    def _call(self, piece: Piece) -> Any:
        if piece.init is None:
            return self.pipeline
        from diffusers import StableAudio3AudioToAudioPipeline, StableAudio3InpaintPipeline

        kind = StableAudio3InpaintPipeline if piece.spans else StableAudio3AudioToAudioPipeline
        call = kind(**self.pipeline.components)
        call.set_progress_bar_config(disable=True)
        return call

    def _against(self, pieces: Sequence[Piece], options: EngineOptions) -> Against | None:
        """What the network is guided away from; None for a model that guides itself."""
        import torch

        scale = self.guidance(options)
        if scale <= 1.0:
            return None
        pipeline = self.pipeline
        device = pipeline._execution_device  # noqa: SLF001 - the pipelines' own name for where they compute
        with torch.no_grad():
            hidden, mask = pipeline.encode_prompt([piece.negative for piece in pieces], device, 1)
            length = pipeline.encode_duration(pieces[0].seconds, device, 1, len(pieces))
            hidden, mask = pipeline.prepare_cross_attention(hidden, mask, length)
        return Against(hidden, mask, scale, options.guidance_rescale or 0.0)

    def _from_audio(self, piece: Piece) -> dict[str, Any]:
        if not piece.spans:
            return {"init_noise_level": noise_level(piece.noise)}
        rate = self.sample_rate / self.pipeline.vae.downsampling_ratio
        starts, ends = zip(*whole_frames(piece.spans, rate), strict=True)
        return {"mask_start_seconds": list(starts), "mask_end_seconds": list(ends)}
