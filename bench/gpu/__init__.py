"""Benchmarks of music models at full size with random weights: speed and memory do not depend on the values."""
