"""Tempo maps fitted to hit points, and how well audio meets them."""
