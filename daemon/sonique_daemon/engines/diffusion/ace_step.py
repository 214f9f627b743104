"""ACE-Step 1.5: a caption, with tempo, key, metre and length in fields of their own; made anew span by span."""

from collections.abc import Callable, Sequence
from typing import Any

from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.diffusion.base import PipelinePlayer, whole_frames
from sonique_daemon.engines.music.player import Piece
from sonique_daemon.engines.music.prompts import Prompt

_NO_VOICE = "[Instrumental]"


class AceStepPlayer(PipelinePlayer):
    """Plays ``AceStepPipeline``."""

    def tokens(self, prompt: Prompt) -> int:
        """Tokens of the whole text that the pipeline makes of caption and fields."""
        text, _ = self.pipeline._format_prompt(prompt=prompt.text, lyrics=_NO_VOICE, **_fields(prompt))  # noqa: SLF001
        return len(self.pipeline.tokenizer(text).input_ids)

    def heeds(self, options: EngineOptions) -> frozenset[Option]:
        """Steps, and guidance unless it was distilled into the weights."""
        return super().heeds(options) - ({Option.GUIDANCE} if self.pipeline.is_turbo else set())

    def rounds(self, piece: Piece) -> int:
        """One for each span."""
        return max(1, len(piece.spans))

    def latents(self, pieces: Sequence[Piece], options: EngineOptions, after_step: Callable[..., Any]) -> Any:
        """By the pipeline: plain, as a cover, or span after span of audio."""
        first = pieces[0]
        arguments: dict[str, Any] = {
            "prompt": [piece.prompt.text for piece in pieces],
            "lyrics": [_NO_VOICE] * len(pieces),
            "audio_duration": first.seconds,
            "num_inference_steps": self.steps(options),
            "guidance_scale": self.guidance(options),
            "generator": self.sources(pieces),
            "callback_on_step_end": after_step,
            "output_type": "latent",
            **_fields(first.prompt),
        }
        if first.init is not None:
            arguments["src_audio"] = self.audio(pieces)
        if first.spans:
            return self._anew(first.spans, arguments)
        if first.init is not None:
            arguments |= self._cover(first, arguments)
        return self.pipeline(**arguments).audios.transpose(1, 2)

    def audio(self, pieces: Sequence[Piece]) -> Any:
        """In whole latents, for the pipeline makes no more of it than those."""
        import torch

        audio = super().audio(pieces)
        latent = round(self.sample_rate / self.pipeline.latents_per_second)
        return torch.nn.functional.pad(audio, (0, -audio.shape[-1] % latent))

    def _anew(self, spans: tuple[tuple[float, float], ...], arguments: dict[str, Any]) -> Any:
        """The spans one after the other: the pipeline takes one at a time, and the next hears what the last made."""
        latents = None
        for start, end in whole_frames(spans, self.pipeline.latents_per_second):
            if latents is not None:
                arguments["src_audio"] = self.heard(latents)
            arguments |= {"task_type": "repaint", "repainting_start": start, "repainting_end": end}
            latents = self.pipeline(**arguments).audios.transpose(1, 2)
        return latents

    def _cover(self, piece: Piece, arguments: dict[str, Any]) -> dict[str, Any]:
        """How audio is started from: by its melody where the model carries what hears it, else by its sound."""
        if self.pipeline.audio_tokenizer is not None:
            return {"task_type": "cover", "audio_cover_strength": 1.0 - piece.noise}
        reference = arguments.pop("src_audio")[0]
        return {"reference_audio": reference}


def _fields(prompt: Prompt) -> dict[str, Any]:
    fields = prompt.fields
    return {"bpm": fields.bpm, "keyscale": fields.key, "timesignature": str(fields.beats)}
