"""Compiling: a network made quicker at its first run, with CUDA graphs on a card; left as it is where that fails."""

import functools
import logging
from typing import Any

_logger = logging.getLogger(__name__)

_LONGEST = 160


class CompiledForward:
    """Stands in a network's place of ``forward``.

    What compiles it needs a C++ compiler, and on a card one for C besides; where that is missing, or cannot compile
    this network, the network goes on uncompiled, and ``trouble`` says so.

    Attributes:
        trouble: one sentence, or "".
    """

    def __init__(self, network: Any) -> None:
        """Puts itself before the ``forward`` of ``network``."""
        import torch

        self.trouble = ""
        self._plain = network.forward
        self._quick: Any = torch.compile(network.forward, mode="reduce-overhead")
        functools.update_wrapper(self, self._plain)
        network.forward = self

    def __call__(self, *given: Any, **named: Any) -> Any:
        """The network's answer. With CUDA graphs it is a copy, for the next run writes where this one did."""
        if self._quick is None:
            return self._plain(*given, **named)
        import torch

        torch.compiler.cudagraph_mark_step_begin()
        try:
            return _copied(self._quick(*given, **named))
        except _failures() as error:
            self._quick = None
            self.trouble = (
                f"The network could not be compiled ({_first_line(error)}) and runs as it is; install a C++ compiler, "
                "or leave SONIQUE_COMPILE out."
            )
            _logger.warning(self.trouble)
        return self._plain(*given, **named)


def _failures() -> tuple[type[BaseException], ...]:
    """What is raised where a network cannot be compiled; want of memory and what the network itself raises is not."""
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor.exc import InductorError, InvalidCxxCompiler

    return (TorchDynamoException, InductorError, InvalidCxxCompiler)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:_LONGEST].rstrip(" .:")


def _copied(answer: Any) -> Any:
    """The same with every tensor in memory of its own; a tuple stays one, an output of diffusers too."""
    import torch

    if isinstance(answer, torch.Tensor):
        return answer.clone()
    if isinstance(answer, tuple):
        return tuple(_copied(part) for part in answer)
    if hasattr(answer, "sample"):
        return type(answer)(sample=answer.sample.clone())
    return answer
