"""The engine protocol, its registry, and the engines."""
