"""Loading: a model of stable-audio-tools from its config and safetensors, with its text encoder from beside them.

A model's folder holds a config (``model_config.json``, or the only JSON file with a ``model_type``), the weights as
safetensors, and the text encoder, which no such checkpoint carries: a folder named as the config names the T5, or
``clap`` with CLAP's text branch as safetensors beside tokenizer and config of its RoBERTa.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.model import Model
from sonique_daemon.engines.music.files import make_offline, told, unfit
from sonique_daemon.engines.stableaudio import shims
from sonique_daemon.errors import WeightsDamaged, WeightsRefused

_CLAP = "clap"
_PREFIXES = ("", "diffusion.", "diffusion_ema.ema_model.", "model.")
"""What training wrappers put before the names of tensors."""
_MODULE = "module."


def read_config(model: str, folder: Path) -> dict[str, Any]:
    """The model's config.

    Raises:
        WeightsDamaged: there is none, or it makes no sense.
    """
    named = folder / "model_config.json"
    for path in [named] if named.is_file() else sorted(folder.glob("*.json")):
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(config, dict) and "model_type" in config and isinstance(config.get("model"), dict):
            return config
    raise WeightsDamaged(
        f"“{model}” has no model_config.json that can be read; pull it again, or add config and "
        "checkpoint in one folder."
    )


def read_model(model: Model, folder: Path, config: dict[str, Any], device: str) -> Any:
    """The model in memory, on its device.

    Raises:
        EngineUnavailable: a library is missing.
        WeightsDamaged: files are missing or not whole, or config and weights do not fit each other.
        WeightsRefused: the weights are a pickle.
        OutOfMemory: it does not fit.
    """
    make_offline()
    weights = _weights(model.name, folder)
    with told(model.name):
        shims.install()
        _place_text_encoders(model.name, folder, config)
        from stable_audio_tools.models.factory import create_model_from_config

        made = create_model_from_config(config)
        _quieten()
        _fill(model.name, made, weights)
        _drop_unknown(made, config)
        return made.to(device).eval().requires_grad_(requires_grad=False)


def _weights(model: str, folder: Path) -> Path:
    found = [path for path in sorted(folder.glob("*.safetensors")) if _CLAP not in path.name]
    if found:
        return next((path for path in found if path.name == "model.safetensors"), found[0])
    if pickles := sorted((*folder.glob("*.ckpt"), *folder.glob("*.pt"))):
        raise WeightsRefused(
            f"The weights of “{model}” are a pickle (“{pickles[0].name}”), which can carry code; "
            f"`sonique models add {model} {folder}` converts it once."
        )
    raise WeightsDamaged(f"“{model}” has no weights in “{folder}”; pull it again.")


def _place_text_encoders(model: str, folder: Path, config: dict[str, Any]) -> None:
    """Has every text encoder of ``config`` read from the model's folder, and never from a hub or a pickle."""
    for part in config["model"].get("conditioning", {}).get("configs", ()):
        if part.get("type") == "t5":
            name = str(part["config"].get("t5_model_name", "t5-base"))
            part["config"]["model_path"] = str(_beside(model, folder, name.rpartition("/")[2]))
        elif part.get("type") == "clap_text":
            clap = _beside(model, folder, _CLAP)
            shims.install_clap(clap)
            part["config"]["clap_ckpt_path"] = str(next(iter(sorted(clap.glob("*.safetensors"))), clap))
            _load_clap_from_safetensors()


def _beside(model: str, folder: Path, name: str) -> Path:
    if not (folder / name).is_dir():
        raise WeightsDamaged(
            f"“{model}” reads text by “{name}”, which is not beside its weights; put it into “{folder / name}”."
        )
    return folder / name


def _load_clap_from_safetensors() -> None:
    """Replaces the package's loader of CLAP weights, which would run what a pickle says."""
    from safetensors.torch import load_file
    from stable_audio_tools.models import conditioners

    def load(path: str, clap: Any) -> None:
        tensors = {name.removeprefix(_MODULE): value for name, value in load_file(path).items()}
        wanted = set(clap.state_dict())
        kept = {name: value for name, value in tensors.items() if name in wanted}
        clap.load_state_dict(kept, strict=True)

    conditioners.clap_load_state_dict = load


def _fill(model: str, made: Any, path: Path) -> None:
    """Fills every number of the model from its file; what the file lacks would be noise."""
    from safetensors.torch import load_file

    own, given = made.state_dict(), load_file(str(path))
    prefix = max(_PREFIXES, key=lambda each: sum(f"{each}{name}" in given for name in own))
    for name, value in own.items():
        found = given.get(f"{prefix}{name}")
        if found is None:
            raise unfit(model, f"the weights lack “{name}”")
        if found.shape != value.shape:
            raise unfit(model, f"“{name}” is {tuple(found.shape)}, not {tuple(value.shape)}")
    made.load_state_dict({name: given[f"{prefix}{name}"] for name in own})


def _quieten() -> None:
    """Keeps samplers from drawing progress bars into the log, which they do whatever they are told."""
    from stable_audio_tools.inference.k_diffusion import sampling
    from tqdm.auto import tqdm, trange

    sampling.trange = lambda *given, **named: trange(*given, **{**named, "disable": True})
    sampling.tqdm = lambda *given, **named: tqdm(*given, **{**named, "disable": True})


def _drop_unknown(made: Any, config: dict[str, Any]) -> None:
    """Keeps from a U-Net what samplers of this release hand on and only transformers understand."""
    if not str(config["model"].get("diffusion", {}).get("type", "")).startswith("adp"):
        return
    plain = made.model.forward

    def forward(*given: Any, **named: Any) -> Any:
        return plain(*given, **{name: value for name, value in named.items() if name not in _TRANSFORMERS_ALONE})

    made.model.forward = forward


_TRANSFORMERS_ALONE = frozenset({"padding_mask", "apg_scale", "modular_local_cond"})


def prompt_tokenizer(made: Any) -> Any:
    """What turns a prompt into tokens as its text encoder does, without a limit; None where there is none.

    A T5 has it at hand; CLAP's ``tokenizer`` cuts, and what it cuts with is its module's ``tokenize``.
    """
    for conditioner in _conditioners(made):
        tokenizer = getattr(conditioner, "tokenizer", None) or _tokenize(conditioner)
        if tokenizer is not None:
            return tokenizer
    return None


def _tokenize(conditioner: Any) -> Any:
    return getattr(getattr(conditioner, "model", None), "tokenize", None)


def _conditioners(made: Any) -> Iterator[Any]:
    yield from made.conditioner.conditioners.values()
