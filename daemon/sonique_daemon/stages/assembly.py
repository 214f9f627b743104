"""The assembly: the chain with its engines, its store and its rules about media, put together once for a daemon."""

from pathlib import Path

from sonique_daemon.engines.registry import Registry
from sonique_daemon.stages.cache import Cache, Library
from sonique_daemon.stages.casting import Casting
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.cue import CueMaker, Recipe
from sonique_daemon.stages.describer import Describer
from sonique_daemon.stages.results import Results
from sonique_daemon.stages.tagger import Tagger
from sonique_daemon.workers.executor import Executor


def assemble(  # noqa: PLR0917 - called once, with every part of a daemon in its order
    executor: Executor,
    registry: Registry,
    cache: Cache,
    library: Library,
    uploads: Path,
    media_roots: tuple[Path, ...],
    encode_recipe: Recipe,
    casting: Casting | None = None,
) -> Chain:
    """Puts the chain together. Nothing heavy is imported for it; that is the executor's matter.

    Args:
        executor: runs the work.
        registry: tells what the engines are; the executor knows the same ones.
        cache: keeps the results of stages.
        library: keeps finished audio.
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the user's home and the mounted volumes.
        encode_recipe: turns a job for one take into the bytes that its files carry.
        casting: chooses engines; None for the embedded ones where a request names none.
    """
    results = Results(cache)
    return Chain(
        registry,
        executor,
        Describer(executor, registry, results),
        Tagger(executor, registry, results),
        CueMaker(executor, registry, results, library, encode_recipe),
        uploads,
        media_roots,
        casting or Casting(registry),
    )
