"""Finds Resolve from outside and serves batches: lines of JSON in, lines of JSON out. Resolve Studio only.

Run by its path with any Python from 3.6 on, the one that Resolve's library loads in; standard library only. Its first
line says whether Resolve was found: ``{"id": "start", "ok": [product, version]}``, or ``{"id": "start", "error":
"refused", "cause": cause, "text": "..."}`` with the causes ``missing`` (no library of Resolve's on this machine),
``library`` (it does not load), and ``shut`` (it loads, and no Resolve lets us in).

One thread makes all calls. When its input ends, so does it.
"""
# ruff: noqa: UP006, UP035, PTH100, PTH113, PTH118, PTH120 - Python 3.6 runs this file; paths are text there

import importlib
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
from typing import Any, Dict, List, Tuple

_HERE = os.path.dirname(os.path.abspath(__file__))

# where the App Store puts Resolve, which has its scripting folder inside itself (reported by users)
_APP_STORE = ("/Applications/DaVinci Resolve Studio.app", "/Applications/DaVinci Resolve.app")


def main(arguments: List[str]) -> int:
    """Serves standard input and output until the former ends; the first argument is the first number to give out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who cancels in a terminal wants the timeline put back first
    requests, answers = _own_streams()
    first = int(arguments[0]) if arguments else 1
    opening, resolve, script = _found()
    opening["id"] = "start"
    answers.write(json.dumps(opening).encode("ascii") + b"\n")
    answers.flush()
    if resolve is None:
        return 1
    interpreter, window = _neighbour("interpreter"), _neighbour("window")
    calls, windows = interpreter.Interpreter(resolve, first=first), window.Windows(resolve, script)
    window.serve(calls, windows, requests, answers, interpreter.MOST_BYTES)
    return 0


def _own_streams() -> Tuple[Any, Any]:
    """The pipes for ourselves alone: what a library prints goes to the error output from now on."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _neighbour(name: str) -> Any:
    """A file beside this one as a module; the package around it asks for a newer Python."""
    spec = importlib.util.spec_from_file_location("sonique_bridge_" + name, os.path.join(_HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type] # a path that is there has a spec
    spec.loader.exec_module(module)  # type: ignore[union-attr] # and a loader
    return module


def _found() -> Tuple[Dict[str, Any], Any, Any]:
    """The opening line, and Resolve and its library where they were found."""
    try:
        script = _script_module()
    except Exception as problem:  # noqa: BLE001 - a library of another's may fail as it likes
        return _refused("library", f"{type(problem).__name__}: {problem}"), None, None
    if script is None:
        return _refused("missing", "No scripting library of DaVinci Resolve was found."), None, None
    try:
        resolve = script.scriptapp("Resolve")
        if resolve is None:
            return _refused("shut", "DaVinci Resolve lets no program in."), None, None
        return {"ok": [resolve.GetProductName(), resolve.GetVersionString()]}, resolve, script
    except Exception as problem:  # noqa: BLE001 - the same
        return _refused("shut", f"{type(problem).__name__}: {problem}"), None, None


def _refused(cause: str, text: str) -> Dict[str, Any]:
    return {"error": "refused", "cause": cause, "text": text}


def _script_module() -> Any:
    """Resolve's own module, or its library itself; None where neither is on this machine."""
    modules = [os.path.join(folder, "Modules") for folder in script_folders()]
    library = next((path for path in script_libraries() if os.path.isfile(path)), None)
    if library is not None and not os.environ.get("RESOLVE_SCRIPT_LIB"):
        os.environ["RESOLVE_SCRIPT_LIB"] = library
    there = [folder for folder in modules if os.path.isfile(os.path.join(folder, "DaVinciResolveScript.py"))]
    if there:
        sys.path.insert(0, there[0])
        return importlib.import_module("DaVinciResolveScript")
    return _loaded(library) if library is not None else None


def _loaded(library: str) -> Any:
    loader = importlib.machinery.ExtensionFileLoader("fusionscript", library)
    spec = importlib.util.spec_from_loader("fusionscript", loader)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type] # a loader in hand has a spec
    loader.exec_module(module)
    return module


def script_folders() -> List[str]:
    """Where the scripting folder may be: what the environment names, then the system's own places."""
    named = os.environ.get("RESOLVE_SCRIPT_API", "")
    if sys.platform == "darwin":
        own = ["/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting"]
        own += [f"{app}/Contents/Resources/Developer/Scripting" for app in _APP_STORE]
    elif sys.platform == "win32":
        data = os.environ.get("PROGRAMDATA", "C:\\ProgramData")
        own = [os.path.join(data, "Blackmagic Design", "DaVinci Resolve", "Support", "Developer", "Scripting")]
    else:
        own = ["/opt/resolve/Developer/Scripting", "/home/resolve/Developer/Scripting"]
    return [os.path.expandvars(named)] * bool(named) + own


def script_libraries() -> List[str]:
    """Where the scripting library may be, likewise."""
    named = os.environ.get("RESOLVE_SCRIPT_LIB", "")
    if sys.platform == "darwin":
        apps = ("/Applications/DaVinci Resolve/DaVinci Resolve.app", *_APP_STORE)
        own = [f"{app}/Contents/Libraries/Fusion/fusionscript.so" for app in apps]
    elif sys.platform == "win32":
        programs = os.environ.get("PROGRAMFILES", "C:\\Program Files")
        own = [os.path.join(programs, "Blackmagic Design", "DaVinci Resolve", "fusionscript.dll")]
    else:
        own = ["/opt/resolve/libs/Fusion/fusionscript.so", "/home/resolve/libs/Fusion/fusionscript.so"]
    return [os.path.expandvars(named)] * bool(named) + own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
