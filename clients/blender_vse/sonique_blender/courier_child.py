"""Runs in a Python of its own: speaks to the daemon for Blender. Started by ``core/courier.py`` as a script, never
imported; how to call Blender stands on its standard input.
"""

import json
import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_PACKAGE = "sonique_courier"
"""What the package ``core`` is called here, where the extension around it, which needs Blender, is not loaded."""


def main() -> None:
    """Serves Blender until it hangs up."""
    told = json.loads(sys.stdin.buffer.readline())
    sys.path += [entry for entry in told["path"] if entry not in sys.path]
    core = Path(__file__).parent / "core"
    spec = spec_from_file_location(_PACKAGE, core / "__init__.py", submodule_search_locations=[str(core)])
    assert spec is not None
    assert spec.loader is not None
    package = module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    errands = import_module(f"{_PACKAGE}.errands")
    errands.serve(told["port"], bytes.fromhex(told["token"]), bytes.fromhex(told["reply"]))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # no thread of gRPC's keeps it
