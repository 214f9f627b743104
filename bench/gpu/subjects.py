"""Subjects: the models that are measured, at full size or tiny, in a folder in their real format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.catalogue.model import LanguageFacts, Model, Need, Quantisation
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.families import FAMILIES
from sonique_daemon.engines.transformers.libraries import make_ready

from bench.full import saving
from bench.tiny import diffusion, musicgen, stableaudio
from bench.tiny.chatting import save_chatting
from bench.tiny.seeing import save_seeing

_TINY_FRAME = 64 * 64
_TINY_NEED = (10_000_000, 100_000_000)
_TINY_STEPS = 4
_DONE = ".whole"
"""A file that stands in a folder whose model was written to its end."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to measure.

    Attributes:
        model: its entry; a tiny one has the full one's name.
        quantisation: how it is held.
        folder: of its files.
        device: where it is computed, as torch calls it.
        tiny: whether it is tiny.
    """

    model: Model
    quantisation: Quantisation
    folder: Path
    device: str
    tiny: bool

    @property
    def name(self) -> str:
        """As it is named in tables."""
        return f"{self.model.name}@{self.quantisation}"

    def made(self) -> float:
        """Writes its files where they are not there; gives the seconds that it took.

        Raises:
            EngineUnavailable: its family's environment is not installed.
            OSError: the disk is full.
        """
        if (self.folder / _DONE).exists():
            return 0.0
        begun = perf_counter()
        if self.tiny:
            _save_tiny(self.model, self.folder)
        else:
            saving.save(self.model, self.quantisation, self.folder, self.device)
        (self.folder / _DONE).touch()
        return perf_counter() - begun

    def engine(self, stage: Stage) -> Any:
        """The engine that runs it for ``stage``; raises ``ValueError`` where it does not serve that."""
        if stage not in self.model.stages:
            raise ValueError(f"{self.model.name} does not {stage}")
        module, _, name = FAMILIES[self.model.family].makers[stage].partition(":")
        kind = getattr(import_module(module), name)
        return kind(self.model, self.folder, self.quantisation, self.device)


def subject(name: str, shelf: Path, device: str, *, tiny: bool) -> Subject:
    """The subject of that name, ``model`` or ``model@quantisation``, whose files stand below ``shelf``.

    Raises:
        ModelNotFound: the catalogue has no such model.
        ValueError: there is no such way of holding it.
    """
    model, quantisation = entry(name)
    return Subject(shrunk(model) if tiny else model, quantisation, shelf / model.name, device, tiny)


def entry(name: str) -> tuple[Model, Quantisation]:
    """The catalogue's entry of that name, and how it is held; raises as ``subject``."""
    plain, _, held = name.partition("@")
    model = shipped().model(plain)
    return model, Quantisation(held) if held else model.usual


def shrunk(model: Model) -> Model:
    """The entry of a tiny model of that name."""
    needs = tuple(Need(need.quantisation, *_TINY_NEED) for need in model.needs)
    facts = model.language
    if facts is not None:
        frames, pixels = min(facts.frames, 16), _TINY_FRAME * bool(facts.frames)
        facts = LanguageFacts(16_384, frames=frames, frame_pixels=pixels, timestamps=facts.timestamps)
    music = model.music
    if music is not None:
        music = replace(music, steps=min(music.steps, _TINY_STEPS))
    return replace(model, needs=needs, language=facts, music=music, parameters=300_000)


def _save_tiny(model: Model, folder: Path) -> None:
    if model.family != saving.TOOLS:
        make_ready()
    folder.mkdir(parents=True, exist_ok=True)
    for start, save in _TINY.items():
        if model.name.startswith(start):
            save(folder)
            return
    raise KeyError(model.name)


_TINY: Mapping[str, Callable[[Path], object]] = {
    "qwen3-vl": partial(save_seeing, "qwen3-vl"),
    "qwen2.5-vl": partial(save_seeing, "qwen2.5-vl"),
    "smolvlm2": partial(save_seeing, "smolvlm2"),
    "llava-onevision": partial(save_seeing, "llava-onevision"),
    "videollama3": partial(save_seeing, "videollama3"),
    "mistral": partial(save_chatting, "mistral"),
    "qwen": partial(save_chatting, "qwen"),
    "smollm2": partial(save_chatting, "qwen"),
    "gemma": partial(save_chatting, "gemma"),
    "stable-audio-3-medium-base": partial(diffusion.stable_audio_3, base=True),
    "stable-audio-3-small-base": partial(diffusion.stable_audio_3, base=True),
    "stable-audio-3": diffusion.stable_audio_3,
    "stable-audio-open-small": stableaudio.open_small,
    "stable-audio-open": diffusion.stable_audio_open,
    "ace-step-1.5-base": partial(diffusion.ace_step, turbo=False),
    "ace-step": diffusion.ace_step,
    "musicgen-melody": musicgen.musicgen_melody,
    "musicgen": musicgen.musicgen,
    "sonique": stableaudio.sonique,
}
"""By how the catalogue's names begin; the first that fits."""
