"""MusicGen: tokens of a neural codec, one after the other, from a sentence; with a melody where the model follows one.

It goes on from the end of given audio, and so makes any length. Its progress is told by what stops its generation,
which the library asks after each step; the library's own streams of tokens do not reach this class.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from sonique_daemon.catalogue.model import MusicFacts
from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.options import EngineOptions, Option
from sonique_daemon.engines.devices import chosen_device
from sonique_daemon.engines.music.devices import data_type, generators, minding_memory
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.engines.music.files import refuse_pickles, told, unfit
from sonique_daemon.engines.music.player import OnStep, Piece, Player
from sonique_daemon.engines.music.prompts import Prompt
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import WeightsDamaged

_MELODY = "musicgen_melody"


class MusicGenEngine(MusicEngine):
    """Runs MusicGen, with melody or without."""

    @property
    def goes_on(self) -> bool:
        """The one without a melody does."""
        return not self.facts.melody

    def opened(self) -> Player:
        """Loads tokenizer and network."""
        make_ready()
        refuse_pickles(self.model.name, self.folder)
        kind = self._kind()
        with told(self.model.name):
            import transformers

            named = {"musicgen": "MusicgenForConditionalGeneration", _MELODY: "MusicgenMelodyForConditionalGeneration"}
            if kind not in named:
                raise WeightsDamaged(f"“{self.model.name}” is a “{kind[:60]}” and no MusicGen; pull it again.")
            device, dtype = chosen_device(self.device), data_type(self.quantisation)
            network, info = getattr(transformers, named[kind]).from_pretrained(
                str(self.folder), local_files_only=True, use_safetensors=True, output_loading_info=True, dtype=dtype
            )
            if info["missing_keys"] or info["mismatched_keys"]:
                lacking = sorted(info["missing_keys"]) or sorted(str(key[0]) for key in info["mismatched_keys"])
                raise unfit(self.model.name, f"it lacks “{lacking[0]}”")
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(self.folder), local_files_only=True)
            return MusicGenPlayer(network.to(device).eval(), tokenizer, self.facts, self._chroma(kind))

    def _kind(self) -> str:
        try:
            return str(json.loads((self.folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))
        except (OSError, ValueError, AttributeError):
            raise WeightsDamaged(f"“{self.model.name}” has no config.json that can be read; pull it again.") from None

    def _chroma(self, kind: str) -> dict[str, int]:
        """The measures of the spectrum that a model with melody hears it by; {} for one without."""
        if kind != _MELODY:
            return {}
        usual = {"n_fft": 16_384, "hop_length": 4096, "num_chroma": 12}
        path = self.folder / "preprocessor_config.json"
        given = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return {name: int(given.get(name, value)) for name, value in usual.items()}


class MusicGenPlayer:
    """Plays MusicGen."""

    def __init__(self, network: Any, tokenizer: Any, facts: MusicFacts, chroma: dict[str, int]) -> None:
        self._network, self._tokenizer, self._facts, self._chroma = network, tokenizer, facts, chroma
        codec = network.config.audio_encoder
        self._frame_rate: int = -(-codec.sampling_rate // int(np.prod(codec.upsampling_ratios)))
        self._codebooks = int(network.decoder.config.num_codebooks)

    @property
    def sample_rate(self) -> int:
        """Of its codec."""
        return int(self._network.config.audio_encoder.sampling_rate)

    @property
    def channels(self) -> int:
        """Of its decoder, which makes two of one for a stereo model."""
        return int(getattr(self._network.decoder.config, "audio_channels", 1))

    def tokens(self, prompt: Prompt) -> int:
        """Tokens of its text, with the end."""
        return len(self._tokenizer(prompt.text).input_ids)

    def steps(self, options: EngineOptions, seconds: float) -> int:  # noqa: ARG002 - it has no steps to choose
        """One for each frame of its codec, and for what its codebooks lag behind each other."""
        return round(seconds * self._frame_rate) + self._codebooks

    def heeds(self, options: EngineOptions) -> frozenset[Option]:  # noqa: ARG002 - whatever is asked for
        """Guidance."""
        return frozenset({Option.GUIDANCE})

    def remarks(self) -> list[str]:
        """Nothing here."""
        return []

    def spare(self, count: int) -> None:
        """Nothing: its family has no savings."""

    def play(self, pieces: Sequence[Piece], options: EngineOptions, on_step: OnStep) -> list[Block]:
        """All pieces at once, each from a source of chance of its own."""
        import torch

        from sonique_daemon.engines.transformers.choosing import Choosing, Stepping

        first = pieces[0]
        guidance = self._facts.guidance if options.guidance is None else options.guidance
        given = self._given(pieces)
        begun = given["input_values"].shape[-1] / self.sample_rate if "input_values" in given else 0.0
        count = self.steps(options, first.seconds - begun)
        on_step(0, count)
        text = self._tokenizer([piece.prompt.text for piece in pieces], padding=True, return_tensors="pt")
        with minding_memory(f"A piece of {first.seconds:.0f} s"), torch.inference_mode():
            made = self._network.generate(
                **{name: value.to(self._network.device) for name, value in (dict(text) | given).items()},
                do_sample=False,
                guidance_scale=max(guidance, 1.0),
                max_new_tokens=count,
                logits_processor=[Choosing(generators([piece.seed for piece in pieces]), max(guidance, 1.0))],
                stopping_criteria=[Stepping(on_step, count)],
            )
        return [np.asarray(block, np.float32) for block in made.float().cpu().numpy()]

    def _given(self, pieces: Sequence[Piece]) -> dict[str, Any]:
        """The audio that it goes on from, or the melody that it follows."""
        import torch

        blocks = [piece.init for piece in pieces if piece.init is not None]
        if not blocks:
            return {}
        dtype = self._network.dtype
        if pieces[0].spans:
            end = round(pieces[0].spans[0][0] * self.sample_rate)
            audio = torch.from_numpy(np.stack([block[:, :end] for block in blocks])).to(dtype)
            return {"input_values": audio, "padding_mask": torch.ones_like(audio, dtype=torch.long)}
        return {"input_features": torch.stack([self._pitches(block) for block in blocks]).to(dtype)}

    def _pitches(self, block: Block) -> Any:
        """Which of the twelve pitch classes is the strongest in each frame, ``[frames, 12]`` of zeros and ones."""
        import torch
        from transformers.audio_utils import chroma_filter_bank

        size, hop = self._chroma["n_fft"], self._chroma["hop_length"]
        mono = torch.from_numpy(np.ascontiguousarray(block.mean(axis=0)))
        mono = torch.nn.functional.pad(mono, (0, max(0, size - len(mono))))
        spectrum = torch.stft(mono, size, hop, window=torch.hann_window(size), return_complex=True).abs() ** 2
        bank = chroma_filter_bank(
            sampling_rate=self.sample_rate, num_frequency_bins=size, tuning=0, num_chroma=self._chroma["num_chroma"]
        )
        strongest = (torch.from_numpy(bank).float() @ spectrum).argmax(0)
        return torch.nn.functional.one_hot(strongest, self._chroma["num_chroma"]).float()
