"""The music models of the catalogue at full size: their parts without memory, and pipelines and networks of them.

``music.json`` has for each model its parts: the part's role, the library and the class that it is of, and its
configuration as published; where a library's defaults are the published ones, it is empty.
"""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.full.filling import Place, filled
from bench.tiny.text import tokenizer

MUSIC: Mapping[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("music.json").read_text("utf-8"))
"""Parts by the catalogue's name of the model."""

_PIPELINES = {"stable-audio-3": "StableAudio3Pipeline", "stable-audio-open": "StableAudioPipeline"}
_CODES = 2048
"""What MusicGen begins with: the first number that is no code of its codec."""


def outline(part: Mapping[str, Any]) -> Any:
    """That part on the meta device: shapes, and nothing in them."""
    import torch

    kind = _kind(part)
    with torch.device("meta"):
        plain = part["from"] == "diffusers"
        return kind(**part["config"]) if plain else kind(kind.config_class(**part["config"]))


def _kind(part: Mapping[str, Any]) -> Any:
    return getattr(import_module(part["from"]), part["class"])


def save_pipeline(name: str, folder: Path, place: Place) -> None:
    """Writes the pipeline of diffusers of that name into ``folder``, filled by chance."""
    parts = {part["role"]: filled(outline(part), place) for part in MUSIC[name]}
    pipeline_of(name, parts).save_pretrained(folder)


def pipeline_of(name: str, parts: Mapping[str, Any]) -> Any:
    """The pipeline of diffusers of that name, of its parts by their roles."""
    import diffusers

    named = next((kind for start, kind in _PIPELINES.items() if name.startswith(start)), "AceStepPipeline")
    return getattr(diffusers, named)(**parts, tokenizer=tokenizer(), scheduler=_scheduler(name))


def _scheduler(name: str) -> Any:
    from diffusers import CosineDPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler

    if name.startswith("stable-audio-open"):
        return CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential"
        )
    distilled = name.startswith("stable-audio-3") and not name.endswith("base")
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0, stochastic_sampling=distilled)


def save_musicgen(name: str, folder: Path, place: Place) -> None:
    """Writes the MusicGen of that name into ``folder``, filled by chance."""
    network = filled(musicgen_outline(name), place)
    settings = network.generation_config
    settings.guidance_scale = 3.0
    settings.decoder_start_token_id = settings.pad_token_id = settings.bos_token_id = _CODES
    network.save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def musicgen_outline(name: str) -> Any:
    """The MusicGen of that name on the meta device, made of its three parts' configurations."""
    import torch
    import transformers

    own = {part["role"]: _kind(part).config_class(**part["config"]).to_dict() for part in MUSIC[name]}
    kind = "MusicgenMelody" if name.endswith("melody") else "Musicgen"
    config = getattr(transformers, f"{kind}Config")(**own)
    with torch.device("meta"):
        return getattr(transformers, f"{kind}ForConditionalGeneration")(config)
