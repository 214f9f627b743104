"""Registries of the daemon that the whole chain is measured with: the catalogue's engines, which let noise pass."""

from sonique_daemon.catalogue.catalogue import Catalogue, shipped
from sonique_daemon.engines.registry import Registry, with_models

from bench.gpu.hushing import hush
from bench.gpu.subjects import shrunk

FULL, TINY = "bench.gpu.registry:full", "bench.gpu.registry:tiny"
"""What a daemon and its workers are told."""


def full() -> Registry:
    """Of models of full size."""
    hush()
    return with_models(shipped())


def tiny() -> Registry:
    """Of tiny models by the same names."""
    hush()
    return with_models(Catalogue.of(shrunk(model) for model in shipped()))
