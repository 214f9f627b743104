"""Exact length, ending, loudness, Broadcast Wave and provenance."""
