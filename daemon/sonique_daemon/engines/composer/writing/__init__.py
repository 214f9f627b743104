"""Writing: from tags and a tempo map to a composition. Start reading at ``piece``."""

from sonique_daemon.engines.composer.writing.piece import compose

__all__ = ["compose"]
