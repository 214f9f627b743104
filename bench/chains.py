"""The chain of the embedded engines in this very process, which remembers nothing: for measuring the engines alone."""

from collections.abc import Sequence
from pathlib import Path

from sonique_daemon.engines.registry import embedded
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, Remembered
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.executor import ThreadExecutor
from sonique_daemon.workers.workbench import Workbench


class Forgetful:
    """A cache that knows nothing, so that everything is computed every time."""

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:  # noqa: ARG002 - the seam's own
        """Nothing."""
        return {}

    def remember(self, results: Sequence[Remembered]) -> None:
        """Keeps none of them."""


def chain_in(folder: Path, media_roots: tuple[Path, ...] = ()) -> Chain:
    """A chain whose takes stand in ``folder``, and that opens media below ``media_roots`` too."""
    registry = embedded()
    executor = ThreadExecutor(Workbench(registry))
    return assemble(
        executor, registry, Forgetful(), FolderLibrary(folder), folder / "uploads", media_roots, lambda _: b""
    )
