"""Tensors: safetensors files read and written span by span, so that a model of any size takes no memory.

The format: eight bytes with the length of a JSON header, little-endian; the header, which names kind, shape and place
of each tensor; the numbers, row after row.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sonique_daemon.errors import WeightsDamaged

_CHUNK = 2**22
_LONGEST_HEADER = 2**27
_METADATA = "__metadata__"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that is to be written.

    Attributes:
        kind: of its numbers, as the format calls it ("F32", "BF16").
        shape: of it.
        spans: where its numbers stand in the file that they are taken from, one after the other.
        data: numbers that stand in no file, after those.
    """

    kind: str
    shape: tuple[int, ...]
    spans: tuple[tuple[int, int], ...] = ()
    data: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of its numbers."""
        return sum(end - start for start, end in self.spans) + len(self.data)

    def rows(self, count: int, order: tuple[int, ...]) -> "Tensor":
        """The same with its rows cut into ``count`` equal blocks, and those in another order."""
        ((start, end),) = self.spans
        size = (end - start) // count
        spans = tuple((start + index * size, start + (index + 1) * size) for index in order)
        return Tensor(self.kind, self.shape, spans)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """What the file at ``path`` holds, by name.

    Raises:
        WeightsDamaged: it is no safetensors file, or not whole.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = min(int.from_bytes(file.read(8), "little"), _LONGEST_HEADER, size)
            header = json.loads(file.read(length))
        return {name: _tensor(entry, 8 + length, size) for name, entry in header.items() if name != _METADATA}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise WeightsDamaged(f"“{path.name}” is no whole safetensors file; pull the model again.") from None


def _tensor(entry: Mapping[str, Any], base: int, size: int) -> Tensor:
    start, end = (base + int(offset) for offset in entry["data_offsets"])
    if not base <= start <= end <= size:
        raise ValueError("its place")
    return Tensor(str(entry["dtype"]), tuple(int(length) for length in entry["shape"]), ((start, end),))


def write_tensors(target: Path, tensors: Mapping[str, Tensor], source: Path, check: Callable[[], None]) -> None:
    """Writes ``tensors``, whose numbers stand in ``source``, to ``target``; ``check`` is called every 4 MiB."""
    with target.open("xb") as out, source.open("rb") as numbers:
        header = json.dumps(_header(tensors), separators=(",", ":")).encode()
        header += b" " * (-len(header) % 8)
        out.write(len(header).to_bytes(8, "little") + header)
        for tensor in tensors.values():
            for start, end in tensor.spans:
                _copy(numbers, out, start, end, check)
            out.write(tensor.data)


def _header(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    header: dict[str, Any] = {_METADATA: {"format": "pt"}}
    place = 0
    for name, tensor in tensors.items():
        offsets = [place, place + tensor.size]
        header[name] = {"dtype": tensor.kind, "shape": list(tensor.shape), "data_offsets": offsets}
        place += tensor.size
    return header


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int, check: Callable[[], None]) -> None:
    source.seek(start)
    left = end - start
    while left:
        check()
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise WeightsDamaged("The weights end before they should; pull the model again.")
        target.write(chunk)
        left -= len(chunk)
