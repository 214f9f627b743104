"""Frames: messages between Blender and its courier, as bytes.

A frame is two lengths of four bytes each, big-endian, then a head of JSON and a body of plain bytes: what is large (a
timeline, a recipe) travels as the body, so that Blender's side never turns it into JSON.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any

MOST_HEAD_BYTES, MOST_BODY_BYTES = 2**23, 2**28
"""A frame that claims to be longer is none."""

_LENGTHS = struct.Struct("!II")


class BrokenFrame(Exception):
    """What came is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message.

    Attributes:
        head: what JSON can say.
        body: what would be large as JSON.
    """

    head: dict[str, Any]
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """As it travels."""
        head = json.dumps(self.head, ensure_ascii=False, separators=(",", ":")).encode()
        return _LENGTHS.pack(len(head), len(self.body)) + head + self.body


class Reader:
    """Puts frames together from bytes, however they come cut."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes in what came."""
        self._held += data

    def next(self) -> Frame | None:
        """The next whole frame; None where it is not there yet.

        Raises:
            BrokenFrame: what came is no frame; nothing after it can be read.
        """
        if len(self._held) < _LENGTHS.size:
            return None
        head, body = _LENGTHS.unpack_from(self._held)
        if head > MOST_HEAD_BYTES or body > MOST_BODY_BYTES:
            raise BrokenFrame(f"A frame of {head} and {body} bytes came.")
        begin, end = _LENGTHS.size + head, _LENGTHS.size + head + body
        if len(self._held) < end:
            return None
        try:
            told = json.loads(self._held[_LENGTHS.size : begin])
        except ValueError as error:
            raise BrokenFrame("A frame's head is no JSON.") from error
        if not isinstance(told, dict):
            raise BrokenFrame("A frame's head is no JSON object.")
        frame = Frame(told, bytes(self._held[begin:end]))
        del self._held[:end]
        return frame
