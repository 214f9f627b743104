"""Version 1 of the contract: the .proto files and the Python generated from them (``python protos/generate.py``)."""
