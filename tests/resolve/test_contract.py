"""Every name of Resolve's that the fake has, or that the client speaks, exists, and takes that many arguments.

Against independent listings of the real names, for three releases; and, on a machine that has Resolve from 21.1 on,
against its own. That proves spelling and shapes, not behaviour.
"""

import ast
import importlib.util
import inspect
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
import sonique_resolve
from sonique_resolve import deliver
from sonique_resolve.bridge.interpreter import METHODS, NEWER
from sonique_resolve.fake import releases
from sonique_resolve.fake.item import TimelineItem
from sonique_resolve.fake.live import Live, methods
from sonique_resolve.fake.media import MediaPoolItem
from sonique_resolve.fake.pool import Folder, MediaPool
from sonique_resolve.fake.project import Project
from sonique_resolve.fake.resolve import EXPORTS, MediaStorage, ProjectManager, Resolve
from sonique_resolve.fake.timeline import Timeline

Listing: TypeAlias = dict[str, dict[str, int]]

HERE = Path(__file__).parent
CLIENT = Path(sonique_resolve.__file__).parent
LISTED = {"19.1": (19, 1, 0), "20.2.2": (20, 2, 2), "21.0.0": (21, 0, 0)}
KINDS: tuple[type[Live], ...] = (
    Resolve,
    ProjectManager,
    MediaStorage,
    Project,
    MediaPool,
    Folder,
    MediaPoolItem,
    Timeline,
    TimelineItem,
)
ANY_NUMBER = 99
_VERB = re.compile(
    "(Add|Append|Apply|Archive|Clear|Close|Convert|Create|Delete|Detect|Duplicate|Export|Get|Import|Insert|Is|Link|Load"
    "|Move|Open|Quit|Refresh|Relink|Rename|Replace|Reveal|Save|Set|Start|Stop|Unlink|Update)[A-Z]\\w*"
)
_LUA_CALL = re.compile(r"\w:([A-Z]\w*)\(")
_UNLISTED = {"GetResolve", "GetPrefs", "SetPrefs", "SavePrefs"}
"""What Fusion's object has, which no listing describes: the way to Resolve, and preferences."""


_JOB_KEYS = {"IsExportVideo", "IsExportAudio"}
"""What a job of the render queue tells, which no listing describes."""


# Reading the listings


def _kept(version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "stubs" / f"{version}.json").read_text(encoding="utf-8"))
    return found


def _listing(version: str) -> Listing:
    found: Listing = _kept(version)["methods"]
    return found


def _option_keys() -> set[str]:
    """The keys of tables, some of which read like names of methods."""
    return {key for keys in _kept("21.0.0")["options"].values() for key in keys} | _JOB_KEYS


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_stubs", HERE / "make_stubs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Reading the fake


def _arguments(function: Any) -> int:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return ANY_NUMBER if any(each.kind is each.VAR_POSITIONAL for each in parameters) else len(parameters)


def _problems(kinds: dict[str, dict[str, int]], listing: Listing) -> list[str]:
    """What of ``kinds`` the listing does not know."""
    found = []
    for kind, used in kinds.items():
        known = listing.get(kind, {})
        found += [f"{kind}.{name} does not exist" for name in used if name not in known]
        found += [
            f"{kind}.{name} takes {known[name]} arguments, not {count}"
            for name, count in used.items()
            if name in known and count > known[name]
        ]
    return found


def _fake(kinds: tuple[type[Live], ...], release: tuple[int, int, int]) -> dict[str, dict[str, int]]:
    """The methods of the fake in a release, with how many arguments each takes."""
    return {
        kind.__name__: {
            name: _arguments(function)
            for name, function in methods(kind).items()
            if releases.has(kind.__name__, name, release)
        }
        for kind in kinds
    }


# Reading the client


@dataclass(frozen=True)
class Spoken:
    """A name of Resolve's in the client's source: where, with how many arguments, and whether it is only asked for."""

    where: str
    name: str
    arguments: int
    asked: bool


def _spoken(source: str, where: str) -> Iterator[Spoken]:
    """The names in ``Call(on, "Name", (...))``, ``.call(on, "Name")``, ``Has``, ``.has``, ``live.Name()``, tables."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    made = [(node, each) for node in calls if (each := _made(node, where)) is not None]
    yield from (each for _, each in made)
    for node in calls:
        if isinstance(node.func, ast.Attribute) and _VERB.fullmatch(node.func.attr) and not _is_windows(node.func):
            yield Spoken(where, node.func.attr, len(node.args), asked=False)
    seen = {id(node.args[1]) for node, _ in made}
    in_turn = any(_asks_in_turn(node) for node in calls)
    keys = _option_keys()
    texts = (
        node for node in nodes if isinstance(node, ast.Constant) and id(node) not in seen and node.value not in keys
    )
    for text in texts:
        if isinstance(text.value, str) and _VERB.fullmatch(text.value):
            yield Spoken(where, text.value, 0, asked=in_turn)


def _how(node: ast.Call) -> str:
    """The name of what is called."""
    callee = node.func
    return callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else ""


def _asks_in_turn(node: ast.Call) -> bool:
    """Whether it is ``has(item, name)`` for the names of a table."""
    return _how(node) in {"Has", "has"} and len(node.args) > 1 and isinstance(node.args[1], ast.Name)


def _made(node: ast.Call, where: str) -> Spoken | None:
    how = _how(node)
    if how not in {"Call", "Has", "call", "has"} or len(node.args) < 2:
        return None
    name = node.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    return Spoken(where, name.value, _given(node, how), asked=how in {"Has", "has"})


def _given(node: ast.Call, how: str) -> int:
    """How many arguments the call will be made with; those behind a star count as none."""
    if how == "call":
        return sum(not isinstance(each, ast.Starred) for each in node.args[2:])
    if how != "Call":
        return 0
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    given = node.args[2] if len(node.args) > 2 else keywords.get("args")
    return len(given.elts) if isinstance(given, ast.Tuple) else 0


def _is_windows(function: ast.Attribute) -> bool:
    """Whether it belongs to Windows' registry, which names its functions as Resolve does."""
    return isinstance(function.value, ast.Name) and function.value.id == "winreg"


def _client() -> list[Spoken]:
    """What the client speaks, but to windows, which have a contract of their own."""
    inside = (path for path in sorted(CLIENT.rglob("*.py")) if path.relative_to(CLIENT).parts[0] != "fake")
    files = [path for path in inside if path != CLIENT / "bridge" / "window.py"]
    texts = ((path, path.read_text(encoding="utf-8")) for path in files)
    return [each for path, text in texts for each in _spoken(text, str(path.relative_to(CLIENT)))]


def _anywhere(listing: Listing) -> dict[str, int]:
    """The greatest count of arguments by name, of whatever class: a batch does not say which class it calls."""
    counts: dict[str, int] = {}
    for known in listing.values():
        for name, count in known.items():
            counts[name] = max(count, counts.get(name, 0))
    return counts


def _unknown(spoken: list[Spoken], listing: Listing) -> list[str]:
    """What the client says that the listing does not know and that is not among the newer names."""
    known = _anywhere(listing)
    found = [
        f"{each.where}: {each.name} does not exist"
        for each in spoken
        if each.name not in known.keys() | NEWER | _UNLISTED
    ]
    return found + [
        f"{each.where}: {each.name} takes {known[each.name]} arguments, not {each.arguments}"
        for each in spoken
        if each.name in known and each.arguments > known[each.name]
    ]


def _unasked(spoken: list[Spoken]) -> list[str]:
    """Newer names that a module speaks without asking for them first."""
    asked = {(each.where, each.name) for each in spoken if each.asked}
    newer = [each for each in spoken if each.name in NEWER and not each.asked and "interpreter" not in each.where]
    return [f"{each.where}: {each.name}" for each in newer if (each.where, each.name) not in asked]


# The contract


@pytest.mark.parametrize("version", LISTED)
def test_every_method_of_the_fake_exists_with_as_many_arguments(version: str) -> None:
    assert _problems(_fake(KINDS, LISTED[version]), _listing(version)) == []


@pytest.mark.parametrize(("version", "later"), [("19.1", "20.2.2"), ("20.2.2", "21.0.0")])
def test_what_the_fake_holds_back_from_a_release_is_not_in_its_listing(version: str, later: str) -> None:
    older, newer = _listing(version), _listing(later)
    held_back = [name for name, since in releases.SINCE.items() if since > LISTED[version]]
    assert [name for name in held_back if name.split(".")[1] in older[name.split(".")[0]]] == []
    there = [name for name, since in releases.SINCE.items() if since <= LISTED[later]]
    assert [name for name in there if name.split(".")[1] not in newer[name.split(".")[0]]] == []


def test_what_is_newer_than_all_listings_is_named_in_one_list() -> None:
    newer = {name.split(".")[1] for name, since in releases.SINCE.items() if since > LISTED["21.0.0"]}
    known = _anywhere(_listing("21.0.0"))
    assert {name for name in newer if name not in known} <= NEWER
    assert set() == METHODS & NEWER


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_with_a_release_is_a_method_of_the_fake(kind: type[Live]) -> None:
    named = {name.split(".")[1] for name in releases.SINCE if name.split(".")[0] == kind.__name__}
    assert named <= methods(kind).keys()


def test_every_method_that_the_bridge_allows_exists() -> None:
    assert METHODS - _anywhere(_listing("21.0.0")).keys() == set()


def test_every_name_that_the_client_speaks_exists_with_as_many_arguments() -> None:
    spoken = _client()
    assert len({each.name for each in spoken}) > 20
    assert _unknown(spoken, _listing("21.0.0")) == []


def test_every_method_that_the_lua_bridge_names_exists() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CLIENT.rglob("*.lua")]
    named = {name for text in texts for name in _LUA_CALL.findall(text)}
    assert named
    assert named - _anywhere(_listing("21.0.0")).keys() - _UNLISTED == set()


def test_the_client_speaks_only_what_the_bridge_allows() -> None:
    assert {each.name for each in _client()} - METHODS - NEWER - _UNLISTED == set()


def test_newer_names_are_spoken_only_where_they_are_asked_for() -> None:
    assert _unasked(_client()) == []


def test_what_crashes_resolve_is_not_allowed() -> None:
    assert {"ArchiveProject", "Quit", "InsertAudioToCurrentTrackAtPlayhead"} & (METHODS | NEWER) == set()


@pytest.mark.parametrize("version", LISTED)
def test_the_constants_of_the_fake_exist(version: str) -> None:
    assert set(EXPORTS) - set(_kept(version)["constants"]) == set()


@pytest.mark.parametrize("version", LISTED)
def test_the_keys_of_an_append_an_import_and_a_render_exist(version: str) -> None:
    options = _kept(version)["options"]
    append = {"mediaPoolItem", "startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"}
    assert append == set(options["MediaPoolClipInfo"])
    assert {"timelineName", "importSourceClips", "sourceClipsFolders"} <= set(options["TimelineImportOptions"])
    render = {"SelectAllFrames", "MarkIn", "MarkOut", *deliver._SETTINGS.values()}
    assert render <= set(options["RenderSettings"])
    assert {"format", "codec"} == set(options["RenderFormatAndCodec"])
    assert set(options["Marker"]) == {"color", "duration", "note", "name", "customData"}


# The contract can be broken


class Invented(Project):
    def GetTimelineByName(self, name: str) -> None:  # noqa: N802 the name that others invented
        del name


class Talkative(Timeline):
    def GetStartFrame(self, subframe: bool = False) -> int:  # noqa: N802 Resolve's name
        return int(subframe)


def test_an_invented_method_is_caught() -> None:
    Invented.__name__ = "Project"
    assert _problems(_fake((Invented,), (21, 0, 0)), _listing("21.0.0")) == ["Project.GetTimelineByName does not exist"]


def test_an_argument_too_many_is_caught() -> None:
    Talkative.__name__ = "Timeline"
    assert _problems(_fake((Talkative,), (21, 0, 0)), _listing("21.0.0")) == [
        "Timeline.GetStartFrame takes 0 arguments, not 1"
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('Call(project, "GetTimelineByName", ("Edit",))', "x.py: GetTimelineByName does not exist"),
        ('batch.call(project, "GetRenderSettings")', "x.py: GetRenderSettings does not exist"),
        ('Call(pool, "GetRootFolder", (1, 2))', "x.py: GetRootFolder takes 0 arguments, not 2"),
        (
            'batch.call(timeline, "SetTrackName", "audio", 1, "Sonique", True)',
            "x.py: SetTrackName takes 3 arguments, not 4",
        ),
        ("project.GetRenderSettings()", "x.py: GetRenderSettings does not exist"),
        ('methods = {"subtype": "GetTrackKind"}', "x.py: GetTrackKind does not exist"),
    ],
)
def test_an_invented_call_of_the_client_is_caught(source: str, problem: str) -> None:
    assert _unknown(list(_spoken(source, "x.py")), _listing("21.0.0")) == [problem]


def test_a_newer_name_that_is_not_asked_for_is_caught() -> None:
    bold = 'batch.call(item, "SetFades", {"FadeIn": 2})'
    careful = f'batch.has(item, "SetFades"); {bold}'
    in_turn = f'[batch.has(item, name) for name in ("SetFades", "GetFades")]; {bold}'
    not_asked = f'[batch.call(item, name) for name in ("SetFades", "GetName")]; {bold}'
    assert _unasked(list(_spoken(bold, "x.py"))) == ["x.py: SetFades"]
    assert set(_unasked(list(_spoken(not_asked, "x.py")))) == {"x.py: SetFades"}
    assert _unasked(list(_spoken(careful, "x.py"))) == []
    assert _unasked(list(_spoken(in_turn, "x.py"))) == []


def test_a_listing_is_read_from_the_text_of_a_stub() -> None:
    text = (
        "class Timeline:\n    def AddTrack(self, a: str, b: str) -> bool: ...\n    def Move(self, *clips: str): ...\n"
    )
    assert _maker().listing(text) == {"Timeline": {"AddTrack": 2, "Move": ANY_NUMBER}}


# Resolve's own listing, where there is one

_OWN = Path(os.environ.get("RESOLVE_SCRIPT_API", "/nowhere")) / "DaVinciResolveScript.pyi"


@pytest.mark.skipif(not _OWN.is_file(), reason="There is no DaVinci Resolve from 21.1 on, with its own listing.")
def test_every_name_exists_in_the_installed_resolves_own_listing() -> None:
    own: Listing = _maker().listing(_OWN.read_text(encoding="utf-8"))
    known = _anywhere(own)
    assert (METHODS | NEWER) - known.keys() == set()
    assert _unknown(_client(), own) == []
    assert [each for each in _problems(_fake(KINDS, (21, 1, 0)), own) if each.split(".")[0] in own] == []
