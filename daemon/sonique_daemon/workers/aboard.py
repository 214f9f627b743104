"""Takes a worker aboard in an interpreter that does not know this package: ``python -P aboard.py …``.

It makes this one package known and not the folder that it is installed in, where libraries of other pins may stand.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _make_known(package: Path) -> None:
    spec = spec_from_file_location(package.name, package / "__init__.py", submodule_search_locations=[str(package)])
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = module_from_spec(spec)
    sys.modules[package.name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _make_known(Path(__file__).resolve().parent.parent)

    from sonique_daemon.workers.main import main

    main()
