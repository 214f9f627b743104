"""The player of stable-audio-tools: any of its conditioned diffusion models, by the package's own samplers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sonique_daemon.catalogue.model import MusicFacts
from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.music.devices import minding_memory
from sonique_daemon.engines.music.player import OnStep, Piece
from sonique_daemon.engines.music.prompts import Prompt
from sonique_daemon.engines.stableaudio.chance import per_take
from sonique_daemon.engines.stableaudio.loading import prompt_tokenizer
from sonique_daemon.errors import InvalidRequest

SAMPLERS = {
    "v": (
        "dpmpp-2m-sde", "dpmpp-3m-sde", "dpmpp-2m", "k-heun", "k-lms", "k-dpmpp-2s-ancestral", "k-dpm-2", "k-dpm-fast",
        "k-dpm-adaptive", "v-ddim",
    ),
    "rectified_flow": ("euler", "rk4", "dpmpp", "pingpong"),
    "rf_denoiser": ("pingpong", "euler", "rk4", "dpmpp"),
}  # fmt: skip
"""By what a model was trained to predict; the first is used where nobody says otherwise."""

_SIGMA_MIN, _SIGMA_MAX = 0.03, 50.0
"""The range of noise that SONIQUE's command samples; Stable Audio Open was published with 0.3 to 500."""
_RESCALE = 0.4
_RANGELESS = "v-ddim"
"""The sampler whose noise has no range to choose."""
_LEAST_NOISE = 0.02
_SEED_LIMIT = 2**32 - 1


class StableAudioPlayer:
    """Plays a model of stable-audio-tools.

    Args:
        model: of the package, in memory.
        facts: of the model.
        device: where it stands.
    """

    def __init__(self, model: Any, facts: MusicFacts, device: str) -> None:
        self._model, self._facts, self._device = model, facts, device

    @property
    def sample_rate(self) -> int:
        """As its config says."""
        return int(self._model.sample_rate)

    @property
    def channels(self) -> int:
        """Of its autoencoder."""
        pretransform = self._model.pretransform
        return int(self._model.io_channels if pretransform is None else pretransform.io_channels)

    def tokens(self, prompt: Prompt) -> int:
        """Tokens of its text, counted without a limit; 0 where it reads text in another way."""
        tokenizer = prompt_tokenizer(self._model)
        return 0 if tokenizer is None else len(tokenizer(prompt.text)["input_ids"])

    def steps(self, options: EngineOptions, seconds: float) -> int:  # noqa: ARG002 - it steps alike for any length
        """Those asked for, or the model's own."""
        return options.steps or self._facts.steps

    def heeds(self, options: EngineOptions) -> frozenset[Option]:
        """All; a flow model has no range of noise and gives no guidance back, and one sampler has no range."""
        ranged = {Option.SIGMA_MIN, Option.SIGMA_MAX}
        if self._objective != "v":
            return frozenset(Option) - ranged - {Option.GUIDANCE_RESCALE}
        return frozenset(Option) - (ranged if options.sampler == _RANGELESS else set())

    def remarks(self) -> list[str]:
        """Nothing here."""
        return []

    def spare(self, count: int) -> None:
        """Nothing: its family has no savings."""

    def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
        """All pieces in one call where each can draw its own noise; else one after the other."""
        sampler = self._sampler(options)
        on_step(0, 1)
        if "sde" in sampler and len(pieces) > 1:
            each = [self._played([piece], sampler, options, _Share(on_step, index, len(pieces)))
                    for index, piece in enumerate(pieces)]  # fmt: skip
            return [block for blocks in each for block in blocks]
        return self._played(pieces, sampler, options, on_step)

    def _played(self, pieces: Sequence[Piece], sampler: str, options: EngineOptions, on_step: OnStep) -> list[Block]:
        from stable_audio_tools.inference.generation import generate_diffusion_cond

        with minding_memory(f"A piece of {pieces[0].seconds:.0f} s"), per_take([piece.seed for piece in pieces]):
            made = generate_diffusion_cond(
                self._model,
                seed=pieces[0].seed % _SEED_LIMIT,
                batch_size=len(pieces),
                device=self._device,
                conditioning=[self._conditions(piece, piece.prompt.text) for piece in pieces],
                sampler_type=sampler,
                **self._arguments(pieces, sampler, options, on_step),
            )
        audio = np.asarray(made.float().cpu().numpy(), np.float32)
        return list(audio / np.maximum(np.abs(audio).max(axis=(1, 2), keepdims=True), 1.0))

    def _arguments(
        self, pieces: Sequence[Piece], sampler: str, options: EngineOptions, on_step: OnStep
    ) -> dict[str, Any]:
        steps, first = self.steps(options, 0.0), pieces[0]
        arguments: dict[str, Any] = {
            "steps": steps,
            "cfg_scale": self._facts.guidance if options.guidance is None else options.guidance,
            "sample_size": self._samples(first),
            "callback": _Counting(on_step, steps),
            "disable_tqdm": True,
        }
        rescale = options.guidance_rescale
        if self._objective == "v":
            arguments["scale_phi"] = _RESCALE if rescale is None else rescale
        if first.negative:
            arguments["negative_conditioning"] = [self._conditions(piece, piece.negative) for piece in pieces]
        ranged = self._objective == "v" and sampler != _RANGELESS
        low = _SIGMA_MIN if options.sigma_min is None else options.sigma_min
        high = _SIGMA_MAX if options.sigma_max is None else options.sigma_max
        if ranged:
            arguments |= {"sigma_min": low, "sigma_max": high}
        if first.init is not None:
            arguments |= self._from_audio(pieces, low, high, ranged=ranged)
        return arguments

    def _from_audio(self, pieces: Sequence[Piece], low: float, high: float, *, ranged: bool) -> dict[str, Any]:
        """Audio to start from, and how much noise it is given: between levels, heard by ratio, or a share of it."""
        import torch

        first = pieces[0]
        assert first.init is not None
        noise = max(first.noise, _LEAST_NOISE)
        level = low * (high / low) ** noise if ranged else noise
        return {"init_audio": (self.sample_rate, torch.from_numpy(first.init)), "init_noise_level": level}

    def _samples(self, piece: Piece) -> int:
        """The samples of a call: the model's whole window unless it makes any length, in whole latents."""
        wanted = piece.seconds if self._facts.variable_length else self._facts.window_seconds
        pretransform = self._model.pretransform
        ratio = 1 if pretransform is None else pretransform.downsampling_ratio
        align = ratio * max(1, int(getattr(self._model, "min_input_length", ratio)) // ratio)
        return -(-round(max(wanted, piece.seconds) * self.sample_rate) // align) * align

    def _conditions(self, piece: Piece, text: str) -> dict[str, Any]:
        """What the model is told of a piece, for each thing that it was trained to be told."""
        told = {"prompt": text, "seconds_start": int(piece.start), "seconds_total": round(piece.total)}
        known = self._model.conditioner.conditioners
        return {name: told[name] for name in known if name in told}

    def _sampler(self, options: EngineOptions) -> str:
        known = SAMPLERS.get(self._objective, SAMPLERS["v"])
        if options.sampler and options.sampler not in known:
            choices = ", ".join(known)
            raise InvalidRequest(f"The sampler “{options.sampler}” does not suit this model; there is {choices}.")
        return options.sampler or known[0]

    @property
    def _objective(self) -> str:
        return str(self._model.diffusion_objective)


class _Counting:
    """The package's callback, which samplers call with numbers of their own; here they are counted."""

    def __init__(self, on_step: OnStep, total: int) -> None:
        self._on_step, self._total, self._done = on_step, total, 0

    def __call__(self, _: Any) -> None:
        self._done = min(self._done + 1, self._total)
        self._on_step(self._done, self._total)


class _Share:
    """Tells the steps of one of several calls as a part of all."""

    def __init__(self, on_step: OnStep, index: int, count: int) -> None:
        self._on_step, self._index, self._count = on_step, index, count

    def __call__(self, done: int, total: int) -> None:
        self._on_step(self._index * total + done, self._count * total)
