"""Describe, tag, generate, and the chain that runs them for one job."""
