"""The staff: the worker processes of a daemon, which come to life while the daemon itself does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sonique_daemon.app.settings import Settings
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.embedded import DESK, STUDIO
from sonique_daemon.engines.registry import Registry, registry_named
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.room import card_bfloat, card_budget, card_memory


@contextmanager
def staffed(settings: Settings) -> Iterator[Pool]:
    """The pool of workers, of which those that a first job needs are begun at once where the settings say so.

    They load what they need while the daemon loads what it needs to listen, for whoever starts it with a job waits for
    both.

    Raises:
        CatalogueUnreadable: the catalogue of models or of profiles cannot be read.
        ProfileNotFound: there is no such profile as the settings name.
    """
    registry = registry_named(settings.registry)
    registry.profiles.profile(settings.profile)
    pool = Pool(_limits(settings), settings.registry)
    try:
        if settings.warm:
            pool.warm(_first(registry))
        yield pool
    finally:
        pool.close()


def _limits(settings: Settings) -> PoolLimits:
    limits = PoolLimits(keep_alive_seconds=settings.keep_alive_seconds)
    budget = settings.memory_budget_bytes
    card = card_memory(settings.device)
    limits = replace(
        limits,
        card_bytes=card,
        card_budget_bytes=min(settings.card_budget_bytes or card, card_budget(card)),
        card_bfloat=card_bfloat(settings.device),
    )
    return replace(limits, memory_budget_bytes=budget) if budget else limits


def _first(registry: Registry) -> tuple[str, ...]:
    """The workers that a job needs, in the order in which it does."""
    engines = (registry.descriptor(stage, "") for stage in (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE))
    return tuple(dict.fromkeys((DESK, *(engine.worker for engine in engines), STUDIO)))
