"""Writes what the contract test needs of the independent listings of Resolve's names: methods, and their arguments.

    python tests/resolve/make_stubs.py fusionscript_stubs-19.1-py3-none-any.whl ...

The listings are the wheels of ``fusionscript-stubs`` on PyPI (MIT). Only names and counts are taken; they go to the
folder ``stubs`` beside this file, one file for each release. ``listing`` reads the text of any such listing, Resolve's
own included.
"""

import ast
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

LICENCE = (
    "Names and argument counts from fusionscript-stubs {version} (https://github.com/czukowski/fusionscript-stubs), "
    "Copyright (c) 2023 Korney Czukowski, MIT License."
)
ANY_NUMBER = 99
"""The count of a method that takes as many as one likes."""


def listing(text: str) -> dict[str, dict[str, int]]:
    """The greatest number of arguments by class and method; overloads count together."""
    classes = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    found = {node.name: _methods(node) for node in classes}
    return {name: methods for name, methods in found.items() if methods}


def _methods(node: ast.ClassDef) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            counts[each.name] = max(counts.get(each.name, 0), _arguments(each.args))
    return counts


def _arguments(arguments: ast.arguments) -> int:
    if arguments.vararg is not None:
        return ANY_NUMBER
    return len(arguments.posonlyargs) + len(arguments.args) - 1


def constants(text: str) -> list[str]:
    """The constants of the object that every script begins with."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == "Resolve":
            fields = (each.target for each in node.body if isinstance(each, ast.AnnAssign))
            return sorted(field.id for field in fields if isinstance(field, ast.Name))
    return []


def _options(text: str) -> dict[str, list[str]]:
    """The keys of the tables that methods take and answer."""
    classes = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    tables = (node for node in classes if any(ast.unparse(base) == "TypedDict" for base in node.bases))
    found = {node.name: [each for each in node.body if isinstance(each, ast.AnnAssign)] for node in tables}
    return {name: [ast.unparse(each.target) for each in keys] for name, keys in found.items() if keys}


def compact(wheel: Path) -> dict[str, Any]:
    """What is kept of one wheel."""
    version = re.sub(r"^fusionscript_stubs-([0-9.]+)-.*$", r"\1", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("fusionscript-stubs/fusionscript.pyi").decode()
    return {
        "licence": LICENCE.format(version=version),
        "version": version,
        "methods": listing(text),
        "constants": constants(text),
        "options": _options(text),
    }


def main(wheels: list[str]) -> None:
    """Writes one file for each wheel."""
    for wheel in wheels:
        kept = compact(Path(wheel))
        target = Path(__file__).parent / "stubs" / f"{kept['version']}.json"
        target.write_text(json.dumps(kept, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
