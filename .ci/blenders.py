"""Makes the Blenders that tests/blender run in: a virtual environment for each release, outside of the repository.

    python .ci/blenders.py FOLDER

prints the variables to set, ready for ``eval``. A release whose Python is not there is left out, with a word on the
standard error output.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

RELEASES = {"45": ("4.5.15", "3.11"), "50": ("5.0.1", "3.11"), "52": ("5.2.3", "3.13")}
"""The release of ``bpy`` for each variable, and the one Python that it is built for."""

NEEDED = ("grpcio>=1.85", "protobuf>=7.36.2", "typing_extensions")
"""What the extension brings along as wheels."""


def main(folder: Path) -> int:
    """Makes each in ``folder``, and prints what to set."""
    for name, (release, version) in RELEASES.items():
        python = _python(version)
        if python is None:
            print(f"Blender {release} needs Python {version}, which is not there.", file=sys.stderr)
            continue
        home = folder / name
        try:
            _make(python, home, release)
        except subprocess.CalledProcessError:
            print(f"Blender {release} could not be installed in {home}.", file=sys.stderr)
            continue
        print(f"export SONIQUE_BPY_{name}={home / 'bin' / 'python'}")
    return 0


def _make(python: Path, home: Path, release: str) -> None:
    """The environment, where it is not there yet; proved by an import."""
    own = home / "bin" / "python"
    if not own.exists():
        subprocess.run([python, "-m", "venv", home], check=True)
    install = [str(own), "-m", "pip", "install", "--quiet", f"bpy=={release}", *NEEDED]
    proof = [str(own), "-c", "import bpy, os; os._exit(not bpy.app.version)"]
    for command in (install, proof):
        subprocess.run(command, check=True, stdout=sys.stderr)


def _python(version: str) -> Path | None:
    """A Python of that version: this one, one on the path, or one that pyenv keeps."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return Path(sys.executable)
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*"))
    if kept:
        return kept[-1] / "bin" / "python"
    found = shutil.which(f"python{version}")
    return Path(found) if found else None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
