"""Devices: where a model is computed."""

from collections.abc import Collection

from sonique_daemon.errors import EngineUnavailable

CUDA, APPLE = "cuda", "mps"

_STARVED = ("outofmemory", "out of memory", "can't allocate memory", "status_alloc_failed")
"""What libraries say, in lower case: torch of a card and of the machine, bitsandbytes, cuBLAS and cuDNN of a card."""


def starved(error: BaseException) -> bool:
    """Whether ``error``, which a library raised, says that a card or the machine has too little memory."""
    text = f"{type(error).__name__}: {error}".lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _STARVED)


def chosen_device(choice: str, known: Collection[str] = (CUDA,)) -> str:
    """The device of that name as torch calls it; ``auto`` is the first of the ``known`` cards that is there, else the
    processor.

    Args:
        choice: ``auto``, ``cpu``, or a card as ``cuda:0`` or ``mps``.
        known: the kinds of cards that the model runs on.

    Raises:
        EngineUnavailable: there is no such device.
    """
    there = {kind: count for kind, count in _cards().items() if kind in known}
    if choice == "auto":
        return next((f"{CUDA}:0" if kind == CUDA else kind for kind, count in there.items() if count), "cpu")
    kind, _, number = choice.partition(":")
    count = 1 if kind == "cpu" else there.get(kind, 0)
    if not (number or "0").isdecimal() or int(number or 0) >= count:
        raise EngineUnavailable(f"There is no device “{choice}” here; take “auto”, or install this card's driver.")
    return choice


def _cards() -> dict[str, int]:
    """How many cards of each kind there are, the quickest first."""
    import torch

    return {CUDA: torch.cuda.device_count(), APPLE: int(torch.backends.mps.is_available())}
