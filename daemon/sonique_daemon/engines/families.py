"""Families: which class runs the models of each family, named and not imported, for it imports its libraries.

To add one: a class that keeps ``ModelEngine`` and the protocol of its stage, and a line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.options import Option
from sonique_daemon.engines.embedded import LEXICON, SIGNAL
from sonique_daemon.engines.engine import Descriptor


class ModelEngine(Protocol):
    """How an engine of a model is made. It has the ``run`` of its stage besides.

    It is made in its worker, where it loads the model at once or at its first run. Whatever it imports or cannot have
    it tells by raising ``EngineUnavailable`` (a library, a card), ``WeightsRefused``, ``WeightsDamaged`` (a config that
    does not fit the weights) or ``OutOfMemory``. One model that serves two stages is loaded once: both engines live in
    one process, and share what a module keeps.
    """

    def __init__(self, model: Model, folder: Path, quantisation: Quantisation, device: str) -> None:
        """Makes it.

        Args:
            model: what it runs.
            folder: of its files, all of them there and what was pulled.
            quantisation: how to hold the weights; said explicitly to every library.
            device: ``auto`` (the card where there is one), ``cpu``, or a card as ``cuda:0``.
        """

    @property
    def descriptor(self) -> Descriptor:
        """What ``models.descriptor_of`` says of it."""


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of one family are run.

    Attributes:
        makers: by stage, ``module:Class`` of a ``ModelEngine``.
        version: changes whenever the same model may answer the same request differently.
        install: how its libraries are installed, as the end of a sentence.
        savings: what its engines can do with less memory; see ``Descriptor.savings``.
        options: the options that its generate engines heed.
        interpreter: gives the path of the Python that runs its workers; "" for the daemon's own, or as long as its own
            is not installed.
    """

    makers: Mapping[Stage, str]
    version: str
    install: str = "install it with pip install 'sonique[models]'"
    savings: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    interpreter: Callable[[], str] = str


_TRANSFORMERS = "sonique_daemon.engines.transformers"


def stable_audio_tools() -> str:
    """The Python of the environment that ``sonique engines install stable-audio-tools`` makes; "" before that."""
    from sonique_daemon.engines.environments import interpreter_of

    return interpreter_of("stable-audio-tools")


FAMILIES: Mapping[str, Family] = {
    "vlm": Family(
        makers={Stage.DESCRIBE: f"{_TRANSFORMERS}.vlm:VlmEngine", Stage.TAG: f"{_TRANSFORMERS}.llm:LlmEngine"},
        version=f"1.{SIGNAL.version}.{LEXICON.version}",
        savings=("less to look at or to read at once", "smaller frames, or less still to read"),
    ),
    "llm": Family(
        makers={Stage.TAG: f"{_TRANSFORMERS}.llm:LlmEngine"},
        version=f"1.{LEXICON.version}",
        savings=("less to read at once", "less still to read"),
    ),
    "stable-audio-tools": Family(
        makers={Stage.GENERATE: "sonique_daemon.engines.stableaudio.engine:StableAudioEngine"},
        version="3",
        install="install it with sonique engines install stable-audio-tools",
        options=tuple(Option),
        interpreter=stable_audio_tools,
    ),
    "musicgen": Family(
        makers={Stage.GENERATE: f"{_TRANSFORMERS}.musicgen:MusicGenEngine"},
        version="2",
        options=(Option.GUIDANCE,),
    ),
    "diffusers": Family(
        makers={Stage.GENERATE: "sonique_daemon.engines.diffusion.engine:DiffusionEngine"},
        version="3",
        savings=("the audio decoded in smaller pieces", "only the part of the model that works on the card"),
        options=(Option.STEPS, Option.GUIDANCE, Option.GUIDANCE_RESCALE, Option.SIGMA_MIN, Option.SIGMA_MAX),
    ),
}
"""By name, as the catalogue's entries name them."""
