"""Engines that run language models through the library ``transformers``: ``vlm`` describes, ``llm`` tags.

Nothing here is imported before a worker makes such an engine: its libraries come with the extra ``models``.
"""
