"""Pickles: what a file that torch wrote would call when it is loaded, read without loading it."""

import pickletools
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from sonique_daemon.errors import WeightsRefused

_HARMLESS = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch Size",
    "torch.serialization _get_layout",
    "torch.storage UntypedStorage",
    "torch.storage TypedStorage",
    *(
        f"torch {kind}Storage"
        for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
    ),
}
_LARGEST = 256 * 2**20
"""Bytes of a pickle that is looked through; the numbers themselves stand beside it."""
_KEPT, _FETCHED = {"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"}, {"GET", "BINGET", "LONG_BINGET"}
_IDLE = {"PROTO", "FRAME"}
"""Operations that keep what was pushed last, push what was kept, and do nothing."""


def require_harmless(path: Path) -> None:
    """Raises ``WeightsRefused`` where the file at ``path`` would call anything but what puts tensors together.

    The look is a first gate, which needs no torch; whoever loads the file lets torch's own ``weights_only`` be the
    second.
    """
    try:
        found = sorted(set(_calls(path)) - _HARMLESS)
    except (OSError, ValueError, IndexError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise WeightsRefused(f"“{path.name}” is no checkpoint of torch's ({error}), so it is not loaded.") from None
    if found:
        named = found[0].replace(" ", ".")
        raise WeightsRefused(
            f"“{path.name}” carries code: loading it would call {named!a}. It is not loaded; "
            "ask its maker for safetensors."
        )


def _calls(path: Path) -> Iterator[str]:
    """What the pickles of the file would import, as "module name"."""
    if not zipfile.is_zipfile(path):
        raise ValueError("it has torch's old format; have it saved with a torch of 2020 or later")
    with zipfile.ZipFile(path) as archive:
        pickles = [member for member in archive.infolist() if member.filename.endswith(".pkl")]  # of one name, too
        if not pickles:
            raise ValueError("it holds no pickle")
        for member in pickles:
            if member.compress_type != zipfile.ZIP_STORED or member.file_size > _LARGEST:
                raise ValueError("its pickle is packed or too large, as torch's is not")
            yield from _globals(archive.read(member))


def _globals(data: bytes) -> Iterator[str]:
    """What is imported, as "module name"; "?" is a part that neither stands before it nor was kept as a text."""
    memo: dict[int, str] = {}
    pushed = deque(("?", "?"), 2)
    for operation, argument, _ in pickletools.genops(data):
        name = operation.name
        if name in {"GLOBAL", "INST"}:
            yield str(argument)
        elif name == "STACK_GLOBAL":
            yield " ".join(pushed)
        if name in _KEPT:
            memo[len(memo) if argument is None else int(argument)] = pushed[-1]
        elif name in _FETCHED:
            pushed.append(memo.get(int(argument or 0), "?"))
        elif name not in _IDLE:
            pushed.append(argument if isinstance(argument, str) else "?")
