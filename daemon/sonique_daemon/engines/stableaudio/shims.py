"""Shims: the few names that stable-audio-tools imports from packages that its own inference needs nothing else of.

Each stands in only where the real package is not installed. What they leave out raises where it is used.

- ``torchaudio``: its published builds want CUDA's torch. Of it, inference calls ``transforms.Resample`` alone, which is
  here with the same defaults; the result differs from the original by less than 3e-5 of full scale.
- ``pytorch_lightning``: imported for a callback of training.
- ``audiotools`` and ``dac.utils``: ``dac`` imports them for reading files and training; they drag in an old protobuf.
- ``laion_clap``: wants numpy 1.23. Of CLAP, models are conditioned by the text branch alone, which is RoBERTa.
"""

import importlib.machinery
import importlib.util
import math
import sys
import types
from pathlib import Path
from typing import Any

_CLAP_TOKENS = 77


def install() -> None:
    """Puts shims where packages are missing. Call it before stable-audio-tools is imported."""
    _torchaudio()
    _lightning()
    _audiotools()


def _missing(name: str) -> bool:
    return name not in sys.modules and importlib.util.find_spec(name) is None


def _module(name: str, *, package: bool = False) -> Any:
    made: Any = types.ModuleType(name)
    made.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=package)
    if package:
        made.__path__ = []
    sys.modules[name] = made
    return made


class _Absent:
    """Stands for a class that is not here; making one says so."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("This part of the package is not installed; training and files need the real one.")


def _torchaudio() -> None:
    if not _missing("torchaudio"):
        return
    package, transforms = _module("torchaudio", package=True), _module("torchaudio.transforms")
    package.transforms, package.__version__ = transforms, "0+sonique"
    transforms.Resample = _resample_class()
    for name in ("MelSpectrogram", "MelScale", "Spectrogram", "Loudness"):
        setattr(transforms, name, _Absent)


def _lightning() -> None:
    if not _missing("pytorch_lightning"):
        return
    package, callbacks = _module("pytorch_lightning", package=True), _module("pytorch_lightning.callbacks")
    package.callbacks = callbacks
    package.Callback = type("Callback", (), {})
    callbacks.ModelCheckpoint = type("ModelCheckpoint", (package.Callback,), {})


def _audiotools() -> None:
    if not _missing("audiotools"):
        return
    import torch

    package, ml = _module("audiotools", package=True), _module("audiotools.ml", package=True)
    package.ml = ml
    package.AudioSignal, package.STFTParams = _Absent, _Absent
    ml.BaseModel = type("BaseModel", (torch.nn.Module,), {"INTERN": [], "EXTERN": []})
    _module("dac.utils", package=True)


def install_clap(folder: Path) -> None:
    """Puts a ``laion_clap`` in place whose text branch has the shape that ``folder`` says, and its tokenizer.

    Args:
        folder: holds config and tokenizer of the RoBERTa that the CLAP model was trained with.
    """
    if not _missing("laion_clap"):
        return
    import torch
    from transformers import AutoTokenizer, RobertaConfig, RobertaModel

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    config = RobertaConfig.from_pretrained(str(folder), local_files_only=True)

    class Branches(torch.nn.Module):  # type: ignore[misc]
        """The text branch, and in place of the audio branch nothing."""

        def __init__(self) -> None:
            super().__init__()
            self.text_branch, self.audio_branch = RobertaModel(config), torch.nn.Identity()

    class Clap(torch.nn.Module):  # type: ignore[misc]
        """CLAP as far as text goes."""

        def __init__(self, **_: Any) -> None:
            super().__init__()
            self.model, self.tokenize = Branches(), tokenizer

        def tokenizer(self, texts: Any) -> Any:
            """Tokens of ``texts``, cut and filled to 77."""
            padding = {"padding": "max_length", "truncation": True, "max_length": _CLAP_TOKENS}
            return tokenizer(texts, return_tensors="pt", **padding)

    _module("laion_clap").CLAP_Module = Clap


def _resample_class() -> Any:
    import torch

    class Resample(torch.nn.Module):  # type: ignore[misc]
        """A windowed sinc with the defaults of torchaudio: six zero crossings, Hann, roll-off at 0.99."""

        def __init__(self, orig_freq: int = 16_000, new_freq: int = 16_000) -> None:
            super().__init__()
            shared = math.gcd(int(orig_freq), int(new_freq))
            self.source, self.target = int(orig_freq) // shared, int(new_freq) // shared
            self.width, kernel = _kernel(self.source, self.target)
            self.register_buffer("kernel", kernel)

        def forward(self, waveform: Any) -> Any:
            """``[…, n]`` at the new rate."""
            if self.source == self.target:
                return waveform
            flat = waveform.reshape(-1, waveform.shape[-1])
            padded = torch.nn.functional.pad(flat, (self.width, self.width + self.source))
            made = torch.nn.functional.conv1d(padded[:, None], self.kernel.to(flat), stride=self.source)
            joined = made.transpose(1, 2).reshape(len(flat), -1)
            length = math.ceil(self.target * flat.shape[-1] / self.source)
            return joined[..., :length].reshape(*waveform.shape[:-1], -1)

    return Resample


def _kernel(source: int, target: int, crossings: int = 6, rolloff: float = 0.99) -> tuple[int, Any]:
    import torch

    base = min(source, target) * rolloff
    width = math.ceil(crossings * source / base)
    places = torch.arange(-width, width + source, dtype=torch.float64)[None, None] / source
    times = torch.arange(0, -target, -1, dtype=torch.float64)[:, None, None] / target + places
    times = (times * base).clamp(-crossings, crossings)
    window = torch.cos(times * math.pi / crossings / 2) ** 2
    return width, (torch.sinc(times) * window * (base / source)).float()
