"""What runs inside Resolve, or beside it in Resolve's own Python: an interpreter of batches, and its hosts.

Files that Resolve's Python runs (``interpreter.py``, ``external.py``, ``menu.py``) use the standard library of Python
3.6 alone and are never imported by name there; ``mailbox.lua`` is the same for the Lua of the Free edition.
"""
