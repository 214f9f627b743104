"""Devices: in what kind of numbers a music model is computed, and what is said where its memory runs out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.engines.devices import starved
from sonique_daemon.errors import EngineUnavailable, OutOfMemory


def data_type(quantisation: Quantisation) -> Any:
    """The kind of numbers in which weights are held so.

    Raises:
        EngineUnavailable: music models are not held so.
    """
    import torch

    kinds = {Quantisation.BF16: torch.bfloat16, Quantisation.FP32: torch.float32}
    if quantisation not in kinds:
        raise EngineUnavailable(f"Music models are not held as {quantisation}; choose bf16 or fp32.")
    return kinds[quantisation]


@contextmanager
def minding_memory(what: str) -> Iterator[None]:
    """Turns want of memory, the card's or the machine's, into ``OutOfMemory``."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not starved(error):
            raise
        _let_go()
        raise _starved(what) from error


def _starved(what: str) -> OutOfMemory:
    return OutOfMemory(f"{what} needs more memory than is free; take a shorter range or fewer takes.")


def _let_go() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def generators(seeds: list[int]) -> list[Any]:
    """A source of chance for each seed, so that a take of a batch draws what it draws alone.

    They stand on the processor whatever the device: the same seed draws the same numbers everywhere.
    """
    import torch

    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
