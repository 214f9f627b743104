"""Uploads by name: ``sonique-upload:SHA256`` stands where a request could name a file's path."""

import re
from pathlib import Path

SCHEME = "sonique-upload:"
"""What stands before the SHA-256, 64 lower-case hexadecimal digits."""

_NAME = re.compile(f"{SCHEME}([0-9a-f]{{64}})")


def names_upload(text: str) -> bool:
    """Whether ``text`` names an upload and not a path."""
    return _NAME.fullmatch(text) is not None


def upload_path(text: str, uploads: Path) -> str:
    """The path that ``text`` means: of the file in the folder ``uploads`` where it names an upload, else itself."""
    match = _NAME.fullmatch(text)
    return text if match is None else str(uploads / match[1])
