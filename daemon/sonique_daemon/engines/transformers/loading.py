"""Loading: a model of transformers from its folder into memory, once for all engines of the process that run it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.engines.attending import attended
from sonique_daemon.engines.devices import APPLE, CUDA, chosen_device, starved
from sonique_daemon.engines.engine import RecordedReport, Report
from sonique_daemon.engines.transformers.device import holding, indivisible_layers
from sonique_daemon.engines.transformers.files import gguf_file, require_readable
from sonique_daemon.engines.transformers.libraries import make_ready, missing
from sonique_daemon.errors import (
    EngineUnavailable,
    OutOfMemory,
    SoniqueError,
    WeightsDamaged,
    WeightsRefused,
)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model in memory.

    Attributes:
        name: the model's.
        model: the network.
        tokenizer: turns text into tokens and back.
        processor: turns frames and text into what the network takes; None for a model that sees nothing.
        device: where it is computed, as torch calls it.
        context: most tokens that it reads and writes together.
        thinking: whether it thinks aloud unless it is told not to.
        kept: what else is made once for it, by name.
    """

    name: str
    model: Any
    tokenizer: Any
    processor: Any | None
    device: str
    context: int
    thinking: bool = False
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """Which model is held, and how; see ``families.ModelEngine`` for the arguments."""

    model: Model
    folder: Path
    quantisation: Quantisation
    device: str

    def loaded(self, report: Report | None = None) -> Loaded:
        """The model in memory, loaded where it was not. ``report`` hears meanwhile that the work goes on.

        Raises:
            EngineUnavailable: a library or the device is missing, or it is no model of this kind.
            WeightsDamaged: the files are not whole, or config and weights do not fit each other.
            WeightsRefused: they are pickles, or the model needs code of its own.
            OutOfMemory: it does not fit.
        """
        with _lock:
            held = _held.get(self)
            if held is None:
                _held.clear()  # one at a time: a worker is one model's home
                with attended((report or RecordedReport()).check):
                    held = _held[self] = load(self)
            return held


_held: dict[Holding, Loaded] = {}
_lock = threading.Lock()


def load(holding_: Holding) -> Loaded:
    """Loads it anew; raises what ``Holding.loaded`` does."""
    make_ready()
    name, folder = holding_.model.name, holding_.folder
    require_readable(name, folder)
    device = chosen_device(holding_.device, (CUDA, APPLE))
    if gguf_file(folder) is not None and holding_.quantisation not in {Quantisation.BF16, Quantisation.FP32}:
        raise EngineUnavailable(f"“{name}” is a GGUF file, which is held as bf16 or fp32 alone; choose one of these.")
    with told(name):
        processor, tokenizer = _readers(folder)
        kind = _kind(sees=processor is not None)
        held_so = holding(holding_.quantisation, device, lambda: indivisible_layers(_outline(kind, folder)))
        network = _network(name, folder, kind, {**held_so, "device_map": {"": device}})
    facts = holding_.model.language
    return Loaded(
        name=name,
        model=network,
        tokenizer=tokenizer,
        processor=processor,
        device=device,
        context=_context(network, facts.context_tokens if facts is not None else 0),
        thinking=facts is not None and facts.thinking,
    )


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turns what libraries raise while they load the model ``name`` into errors that a user understands."""
    try:
        yield
    except SoniqueError:
        raise
    except ImportError as error:
        raise missing(error) from error
    except Exception as error:
        raise _told(name, error) from error


def _told(name: str, error: Exception) -> SoniqueError:
    text = f"{type(error).__name__}: {error}"
    if starved(error):
        return _too_large(name)
    if "trust_remote_code" in text:
        return WeightsRefused(f"“{name}” needs code of its own, which is never run; choose a model that needs none.")
    if "Safetensor" in text or "safetensors" in text:
        return WeightsDamaged(f"The weights of “{name}” cannot be read; pull the model again.")
    return WeightsDamaged(
        f"The files of “{name}” do not fit each other ({_first_line(text)}); pull the model again, or see whether it "
        "is meant for this engine."
    )


def _first_line(text: str) -> str:
    return text.splitlines()[0][:160].rstrip(" .:")


def _too_large(name: str) -> OutOfMemory:
    return OutOfMemory(f"“{name}” does not fit into memory; choose a smaller model, or hold it as nf4.")


def _readers(folder: Path) -> tuple[Any | None, Any]:
    """The processor of a model that sees, else None; and the tokenizer."""
    from transformers import AutoProcessor, AutoTokenizer

    local = {"local_files_only": True, "trust_remote_code": False}
    if any((folder / name).is_file() for name in _SEEING):
        processor = AutoProcessor.from_pretrained(str(folder), **local)
        tokenizer = processor.tokenizer
        video = getattr(processor, "video_processor", None)
        if video is not None and hasattr(video, "cap_pixels_per_frame"):
            video.cap_pixels_per_frame = True
    else:
        packed = gguf_file(folder)
        more = {} if packed is None else {"gguf_file": packed}
        processor, tokenizer = None, AutoTokenizer.from_pretrained(str(folder), **local, **more)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return processor, tokenizer


_SEEING = ("preprocessor_config.json", "video_preprocessor_config.json", "processor_config.json")
"""Files of which a model that sees has at least one."""


def _kind(*, sees: bool) -> Any:
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

    return AutoModelForImageTextToText if sees else AutoModelForCausalLM


def _outline(kind: Any, folder: Path) -> Any:
    """The network without its weights."""
    import torch
    from transformers import AutoConfig

    packed = gguf_file(folder)
    more = {} if packed is None else {"gguf_file": packed}
    config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False, **more)
    with torch.device("meta"):
        return kind.from_config(config, trust_remote_code=False)


def _network(name: str, folder: Path, kind: Any, arguments: dict[str, Any]) -> Any:
    from transformers import GenerationConfig

    packed = gguf_file(folder)
    form = {"use_safetensors": True} if packed is None else {"gguf_file": packed}
    network, info = kind.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False, output_loading_info=True, **form, **arguments
    )
    _require_fit(name, info)
    told = network.generation_config
    network.generation_config = GenerationConfig(
        bos_token_id=told.bos_token_id, eos_token_id=told.eos_token_id, pad_token_id=told.pad_token_id
    )
    return network.eval()


def _require_fit(name: str, info: Any) -> None:
    """Checks that every part of the network was filled: what is missing would be noise."""
    lacking = sorted(info["missing_keys"]) or sorted(str(key[0]) for key in info["mismatched_keys"])
    if lacking or info["error_msgs"]:
        what = lacking[0] if lacking else _first_line(str(info["error_msgs"][0]))
        raise WeightsDamaged(
            f"The config of “{name}” does not fit its weights ({what}); pull the model again, all of its files."
        )


def _context(network: Any, told: int) -> int:
    """Tokens that the network was made for: what the catalogue says, or its config where that is less."""
    text = network.config.get_text_config()
    made = int(getattr(text, "max_position_embeddings", 0) or 0)
    found = [count for count in (told, made) if count > 0]
    return min(found, default=2048)


def require_chat(held: Loaded) -> None:
    """Checks that it can hold a conversation.

    Raises:
        EngineUnavailable: it has no chat template.
    """
    source = held.processor or held.tokenizer
    if not getattr(source, "chat_template", None) and not getattr(held.tokenizer, "chat_template", None):
        raise EngineUnavailable(f"“{held.name}” has no chat template, so it is no chat model; choose one that is.")


def require_eyes(held: Loaded) -> Any:
    """Its processor.

    Raises:
        EngineUnavailable: it takes no video.
    """
    if held.processor is None or getattr(held.processor, "video_processor", None) is None:
        raise EngineUnavailable(f"“{held.name}” takes no video, so it cannot describe; choose a video language model.")
    return held.processor
