"""Faults: what the daemon withstands, measured by breaking it."""
