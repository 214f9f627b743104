"""Benchmarks that print tables, and the generated timelines that they share with the tests."""
