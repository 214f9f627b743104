"""The recipe of a cue: the request that made it, carried in the iXML chunk of its Broadcast Wave file.

The bytes are a serialised ``sonique.v1.GenerateRequest`` without job id, as base64 in ``<SONIQUE><RECIPE>``.
"""

import base64
import binascii
import re
import struct
from html import unescape
from pathlib import Path
from typing import BinaryIO

_IXML_LIMIT = 64 * 2**20
_CHUNKS_LIMIT = 1000
_RECIPE = re.compile(rb"<RECIPE>([A-Za-z0-9+/=\s]*+)</RECIPE>")
_FACT = re.compile(rb"<([A-Z_]+)>([^<]*+)</\1>")


def read_recipe(path: Path) -> bytes:
    """The recipe that the WAV file at ``path`` carries.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no WAV file, or carries no recipe.
    """
    with path.open("rb") as file:
        found = _RECIPE.search(_told(_chunk(file, b"iXML")))
    if found is None or not found[1].strip():
        raise ValueError(f"“{path.name}” carries no recipe")
    try:
        return base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the recipe in “{path.name}” is damaged") from error


def read_provenance(path: Path) -> dict[str, str]:
    """What the WAV file at ``path`` says of where it comes from, by the names of its iXML; empty where it says nothing.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no WAV file.
    """
    with path.open("rb") as file:
        said = _told(_chunk(file, b"iXML"))
    told = ((match[1].decode(), match[2].decode("utf-8", "replace")) for match in _FACT.finditer(said))
    return {name: unescape(words) for name, words in told if name != "RECIPE"}


def _told(ixml: bytes) -> bytes:
    """What stands in Sonique's own element, or b""; looked for in one pass, whatever the file repeats."""
    said, end, _ = ixml.partition(b"<SONIQUE>")[2].partition(b"</SONIQUE>")
    return said if end else b""


def _chunk(file: BinaryIO, wanted: bytes) -> bytes:
    """What the chunk of that id holds, or b""; nothing that the file says of its sizes is trusted."""
    head = file.read(12)
    if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        raise ValueError("this is no WAV file")
    for _ in range(_CHUNKS_LIMIT):
        header = file.read(8)
        if len(header) < 8:
            break
        identity, size = struct.unpack("<4sI", header)
        if identity == wanted:
            return file.read(min(size, _IXML_LIMIT))
        file.seek(size + size % 2, 1)
    return b""
