"""The command line: the reference client."""
