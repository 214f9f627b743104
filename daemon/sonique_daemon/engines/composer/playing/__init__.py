"""Playing: from notes to audio, with synthesised instruments only."""

from sonique_daemon.engines.composer.playing.performance import perform

__all__ = ["perform"]
