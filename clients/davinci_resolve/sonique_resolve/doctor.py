"""The doctor: what stands between this machine, its DaVinci Resolve and Sonique, and the one thing to change."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from sonique_resolve.bridge import external
from sonique_resolve.folders import Folders, System, this_system
from sonique_resolve.install import Script, Which, installed, strangers, wanted
from sonique_resolve.transports import Kind, Survey

LISTENER_PORT = 15_000
"""The port on which Studio listens to scripts, on every network that the machine is in."""

_TITLES: dict[Kind, str] = {
    "external": "Resolve's library (external scripting)",
    "menu": "Resolve's menu",
    "mailbox": "the mailbox of the menu's script",
}
_CRASHING = re.compile(r"3\.(?:1[3-9]|[2-9]\d)\b")
_PYTHON_FOLDERS = "/Library/Frameworks/Python.framework/Versions/Current/bin:/usr/local/bin:/opt/homebrew/bin:/usr/bin"
_RELEASE = re.compile(r"(\d{1,4})\.(\d{1,4})")
_INSTALL = "Run “sonique resolve install”, and open Resolve's menu Workspace ▸ Scripts again."


class Mark(Enum):
    """How a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, what was found, and what it takes to change it; empty where nothing does."""

    name: str
    text: str
    mark: Mark = Mark.GOOD
    change: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the doctor looks at.

    Attributes:
        folders: where Resolve keeps the user's things.
        survey: looks at Resolve itself.
        scripts: those that would be installed now.
        daemon: says how the daemon is; its second part is whether that is well.
        listener: whether something listens on all networks at the port; None where the system does not tell.
        places: what there is of Resolve's own scripting files.
        windows: whether Sonique's own Python can open the panel's window.
        pythons: releases of Python that Resolve might take for its scripts, the likeliest first; () where unknown.
    """

    folders: Folders
    survey: Callable[[], Survey]
    scripts: tuple[Script, ...]
    daemon: Callable[[], tuple[str, bool]]
    listener: Callable[[int], bool | None]
    places: Callable[[], tuple[Path, ...]] = field(default=tuple)
    windows: bool = True
    pythons: Callable[[], tuple[str, ...]] = field(default=tuple)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, and the one thing to change; empty where nothing is to be."""

    findings: tuple[Finding, ...]
    change: str

    @property
    def well(self) -> bool:
        """Whether nothing stands in the way."""
        return not any(finding.mark is Mark.BAD for finding in self.findings)

    def to_data(self) -> dict[str, object]:
        """The diagnosis as JSON holds it."""
        findings = [{"name": each.name, "text": each.text, "mark": each.mark.value} for each in self.findings]
        return {"well": self.well, "change": self.change, "findings": findings}


def examine(around: Surroundings) -> Diagnosis:
    """Looks at everything, and changes nothing."""
    seen = around.survey()
    findings = (
        Finding("System", f"{around.folders.system.value}, Python {sys.version.split()[0]} here"),
        _resolve(seen),
        *_places(around.places()),
        _transport(seen),
        *_tried(seen),
        _preference(seen),
        _scripts(around, seen),
        *_panel(around),
        *_fenced(around.folders),
        *_python(around, seen),
        *_listener(around.listener(LISTENER_PORT)),
        _daemon(around.daemon),
    )
    worst = next((finding.change for finding in findings if finding.mark is Mark.BAD and finding.change), "")
    return Diagnosis(findings, worst or next((finding.change for finding in findings if finding.change), ""))


def _resolve(seen: Survey) -> Finding:
    if seen.edition:
        edition = "Studio" if seen.edition == "studio" else "Free"
        return Finding("Resolve", f"DaVinci Resolve {edition} {seen.version}")
    if seen.running:
        return Finding("Resolve", "runs, but does not answer; its edition and release are not known", Mark.NOTE)
    if seen.installed:
        return Finding("Resolve", "is installed, and does not run", Mark.BAD, seen.change)
    change = seen.change or "Install DaVinci Resolve, or use the way over an OTIO file, which needs nothing here."
    return Finding("Resolve", "was not found where it usually is", Mark.BAD, change)


def _places(found: tuple[Path, ...]) -> tuple[Finding, ...]:
    return (Finding("Its files", ", ".join(f"“{path}”" for path in found)),) if found else ()


def _transport(seen: Survey) -> Finding:
    if seen.transport is not None:
        return Finding("Way in", _TITLES[seen.transport])
    return Finding("Way in", "none", Mark.BAD, seen.change)


def _tried(seen: Survey) -> tuple[Finding, ...]:
    """Each way that does not lead in, and why; nothing where another does."""
    if seen.transport is not None:
        return ()
    return tuple(Finding("", f"{_TITLES[kind]}: {sentence}", Mark.NOTE) for kind, sentence in seen.tried if sentence)


def _preference(seen: Survey) -> Finding:
    """The preference cannot be read from outside; whether it is set follows from who answers."""
    if seen.transport == "external":
        return Finding("External scripting", "is on")
    if seen.edition == "free":
        return Finding("External scripting", "is Studio's alone; the menu's script does the same")
    return Finding("External scripting", "not known; Preferences ▸ System ▸ General says", Mark.NOTE)


def release_of(version: str) -> tuple[int, ...]:
    """(21, 1) of "21.1.0.17"; () where it is none."""
    match = _RELEASE.match(version)
    return (int(match[1]), int(match[2])) if match else ()


def _scripts(around: Surroundings, seen: Survey) -> Finding:
    others = strangers(around.folders)
    if others:
        return Finding("Menu", f"“{others[0]}” is not Sonique's", Mark.NOTE, f"Rename “{others[0]}”. {_INSTALL}")
    found = installed(around.folders, around.scripts)
    needed = wanted(seen.edition, release_of(seen.version))
    have = {each.which for each in found}
    if not found:
        change = "" if seen.transport == "external" else _INSTALL
        return Finding("Menu", f"no script of Sonique's in “{around.folders.utility}”", Mark.NOTE, change)
    if not all(each.current for each in found):
        return Finding("Menu", "the installed script is another release's", Mark.BAD, _INSTALL)
    if not have & set(needed):
        kind = "Lua" if Which.MAILBOX in needed else "Python"
        return Finding("Menu", f"this Resolve needs the {kind} script, which is not installed", Mark.BAD, _INSTALL)
    return Finding("Menu", ", ".join(f"“{each.path.stem}”" for each in found) + ", current")


def _panel(around: Surroundings) -> tuple[Finding, ...]:
    """The menu's script opens the panel, which needs windows."""
    if around.windows:
        return ()
    change = "Install tkinter for Sonique's Python (on Linux the package python3-tk), or score in a terminal."
    return (Finding("Panel", "Sonique's Python opens no windows", Mark.NOTE, change),)


def _fenced(folders: Folders) -> tuple[Finding, ...]:
    if not folders.sandboxed:
        return ()
    text = "the App Store's, or one that was: fenced in, it reads no scripts from here"
    change = "Use the Resolve from Blackmagic's own site; or, with Studio, a terminal and `--folder` below Movies."
    return (Finding("Build", text, Mark.NOTE, change),)


def _python(around: Surroundings, seen: Survey) -> tuple[Finding, ...]:
    """Which Python Resolve takes; on Windows the highest that is registered, which before 21 crashes from 3.13 on."""
    pythons, release = around.pythons(), release_of(seen.version)
    if not pythons:
        return ()
    text = f"scripts in the menu run in Python {pythons[0]}, most likely"
    if around.folders.system is System.WINDOWS and release and release < (21, 0) and _CRASHING.match(pythons[0]):
        change = "Install Python 3.12 for all users and remove the newer one's entry, or update Resolve."
        return (Finding("Its Python", f"{text}, which crashes this release", Mark.BAD, change),)
    return (Finding("Its Python", text),)


def _listener(listens: bool | None) -> tuple[Finding, ...]:
    if not listens:
        return ()
    text = f"listens on port {LISTENER_PORT} of every network that this machine is in; that is Resolve's, not Sonique's"
    return (Finding("Network", text, Mark.NOTE, ""),)


def _daemon(ask: Callable[[], tuple[str, bool]]) -> Finding:
    text, well = ask()
    return Finding("Daemon", text, Mark.GOOD if well else Mark.BAD, "" if well else text)


def places_here() -> tuple[Path, ...]:
    """What there is of Resolve's scripting library and folder on this machine."""
    places = (*external.script_libraries(), *external.script_folders())
    return tuple(dict.fromkeys(path for place in places if (path := Path(place)).exists()))


def pythons_here(system: System) -> tuple[str, ...]:
    """Releases of Python that Resolve might take here for its menu, the likeliest first; none where none is found."""
    if system is not this_system():
        return ()
    return _registered() if system is System.WINDOWS else _standing()


def _standing() -> tuple[str, ...]:
    """The system's Python, where Resolve looks: never that of an environment."""
    found = shutil.which("python3", path=_PYTHON_FOLDERS)
    if found is None:
        return ()
    try:
        told = subprocess.run(  # noqa: S603 - the system's own Python
            [found, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(told.stdout.split()[1:2])


def _registered() -> tuple[str, ...]:
    if sys.platform != "win32":
        return ()
    import winreg

    found = []
    for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        try:
            with winreg.OpenKey(root, r"Software\Python\PythonCore") as key:
                found += [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
        except OSError:
            continue
    return tuple(sorted(found, key=_numbers, reverse=True))


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


def network_tables() -> tuple[Path, ...]:
    """Where Linux tells what listens."""
    return (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def listens_everywhere(port: int, tables: tuple[Path, ...] | None = None) -> bool | None:
    """Whether something listens at ``port`` on every network; None where the system does not tell without rights."""
    told = False
    for table in network_tables() if tables is None else tables:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except (OSError, UnicodeDecodeError):
            continue
        told = True
        if any(_is_open(line.split(), port) for line in lines):
            return True
    return False if told else None


def _is_open(fields: list[str], port: int) -> bool:
    if len(fields) < 4 or fields[3] != "0A":
        return False
    address, _, number = fields[1].partition(":")
    return int(number, 16) == port and not address.strip("0")
