"""The files that are copied into Resolve's Scripts folder, with what this machine's installation fills in."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sonique_resolve.bridge.interpreter import METHODS, NEWER

_BRIDGE = Path(__file__).parent
_LUA = ("mailbox.lua", "json.lua", "interpreter.lua")
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./:,;{}[]()<>=+*&%$#@!?'|~^")


def panel_command(window: str = "auto") -> tuple[str, ...]:
    """The command line of the panel that the menu's script starts.

    Args:
        window: which window it opens, where that is not the first there is; see ``panel.open_panel``.
    """
    return (
        sys.executable,
        "-m",
        "sonique_resolve.panel",
        "--bridge",
        *(() if window == "auto" else ("--window", window)),
    )


def menu_text(command: Sequence[str] = (), bridge: Path = _BRIDGE) -> str:
    """``Sonique.py`` for Resolve's menu.

    Args:
        command: the panel's command line; its first part is the path of a Python. The one of this process where empty.
        bridge: the folder of the interpreter.
    """
    text = (_BRIDGE / "menu.py").read_text(encoding="utf-8")
    filled = text.replace('"@SONIQUE_COMMAND@"', ascii(list(command) or list(panel_command())))
    return filled.replace('"@SONIQUE_BRIDGE@"', ascii(str(bridge)))


def mailbox_text(folder: Path) -> str:
    """``Sonique.lua`` for the menu of the Free edition from 21.1 on.

    Args:
        folder: where requests are put; see ``desk_mailbox.mailbox_folder``.

    Raises:
        ValueError: on Windows, where the folder's name has letters that Resolve's Lua cannot open.
    """
    whole, *parts = ((_BRIDGE / name).read_text(encoding="utf-8") for name in _LUA)
    text = whole.replace("--@SONIQUE_PARTS@\n", "\n".join(parts))
    text = text.replace("@SONIQUE_METHODS@", " ".join(sorted(METHODS | NEWER)))
    return text.replace('"@SONIQUE_REQUEST@"', lua_string(path_bytes(folder / "request.lua")))


def path_bytes(path: Path) -> bytes:
    """A path as Resolve's Lua opens it: on Windows in the system's own code page.

    Raises:
        ValueError: the code page lacks a letter of it.
    """
    if sys.platform != "win32":
        return os.fsencode(path)
    try:
        return str(path).encode("mbcs", "strict")
    except UnicodeEncodeError:
        raise ValueError(
            f"“{path}” has letters that DaVinci Resolve's Lua cannot open on this system. "
            "Name another folder in SONIQUE_RESOLVE_MAILBOX, and install again."
        ) from None


def lua_string(text: bytes) -> str:
    """A Lua literal for these bytes, whatever they are; plain ASCII on one line."""
    return '"' + "".join(chr(byte) if byte in _SAFE else f"\\{byte:03d}" for byte in text) + '"'
