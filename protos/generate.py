"""Generates the contract's Python from its .proto files: ``python protos/generate.py``.

``--check`` writes nothing and fails where the checked-in Python differs from what would be generated.
"""

import argparse
import filecmp
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def generate(target: Path) -> None:
    """Writes the generated Python and its stubs below ``target``; gRPC code only where a file has a service."""
    protos = sorted((HERE / "sonique" / "v1").glob("*.proto"))
    services = [path for path in protos if "\nservice " in path.read_text(encoding="utf-8")]
    _protoc(protos, ("python_out", "mypy_out"), target)
    _protoc(services, ("grpc_python_out", "mypy_grpc_out"), target)


def _protoc(protos: list[Path], kinds: tuple[str, ...], target: Path) -> None:
    outputs = [f"--{kind}={target}" for kind in kinds]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{HERE}", *outputs, *map(str, protos)]
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))  # the stub plug-ins
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env={**os.environ, "PATH": beside})


def drifted() -> list[str]:
    """Names of generated files that are missing here or differ."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = sorted((Path(folder) / "sonique" / "v1").glob("*.py*"))
        mine = HERE / "sonique" / "v1"
        return [new.name for new in fresh if not _same(new, mine / new.name)]


def _same(new: Path, old: Path) -> bool:
    return old.exists() and filecmp.cmp(new, old, shallow=False)


def main() -> None:
    """Generates, or checks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something differs")
    if not parser.parse_args().check:
        generate(HERE)
        return
    names = drifted()
    if names:
        sys.exit(f"generated code has drifted: {', '.join(names)}; run python protos/generate.py")


if __name__ == "__main__":
    main()
