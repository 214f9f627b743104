"""The Lua mailbox: its fence, its files, and the script that waits in Resolve."""

import base64
import importlib
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.prefs import Prefs
from sonique_resolve.bridge.scripts import lua_string, mailbox_text
from sonique_resolve.calls import RESOLVE, Call, Ref
from sonique_resolve.desk_mailbox import MailboxDesk
from sonique_resolve.errors import ResolveRefused
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World

FLAVOURS = ("luajit21", "lua51")
VERSION = Call(RESOLVE, "GetVersionString")
SHORT = Limits(batch=0.3, slow=0.3, answering=0.3)
FREE = Settings(edition="free", version="21.1")


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Office:
    """A mailbox with its fake, and the scripts that wait at it."""

    def __init__(self, bridges: Any, folder: Path, flavour: str) -> None:
        self.bridges = bridges
        self.flavour = flavour
        self.world = World(FREE)
        self.requests, self.prefs = bridges.mailbox_places(self.world, folder)
        self.requests.mkdir(mode=0o700)
        self.hosts: list[Any] = []

    def host(self, **more: Any) -> Any:
        """A script that was started from the menu."""
        host = self.bridges.LuaHost(self.world, mailbox_text(self.requests), self.flavour, **more)
        self.hosts.append(host)
        host.start()
        return host

    def desk(self, limits: Limits | None = None) -> MailboxDesk:
        return MailboxDesk(self.requests, self.prefs, limits or self.bridges.LIMITS, is_running=lambda: True)

    def put(self, text: str) -> None:
        (self.requests / "request.lua").write_text(text, encoding="utf-8")

    def answered(self) -> str:
        """The whole of what was answered last."""
        return str(self.world.prefs.get("Global", {}).get("Sonique", {}).get("Answer", ""))


@pytest.fixture
def office(bridges: Any, tmp_path: Path, flavour: str) -> Any:
    made = Office(bridges, tmp_path, flavour)
    yield made
    for host in made.hosts:
        host.end()


def test_the_fence_is_that_of_the_free_edition(office: Office) -> None:
    lua = office.bridges.LuaHost(office.world, "", office.flavour).lua()
    gone = (
        "io",
        "require",
        "package",
        "ffi",
        "debug",
        "arg",
        "python",
        "os.execute",
        "os.remove",
        "os.rename",
        "os.exit",
    )
    assert [name for name in gone if lua.eval(f"{name} ~= nil")] == []
    kept = ("loadfile", "setfenv", "pcall", "os.time", "bmd.wait", "bmd.fileexists", "fusion.SetPrefs", "resolve")
    assert [name for name in kept if lua.eval(f"{name} == nil")] == []


def test_free_21_1_is_reached_where_no_python_is(office: Office) -> None:
    assert office.world.scriptapp(outside=False) is None
    office.host()
    desk = office.desk()
    assert desk.do([Call(RESOLVE, "GetProductName"), VERSION]) == ["DaVinci Resolve", "21.1.0.12"]
    desk.close()


def test_lists_are_lists_though_resolve_marks_them(office: Office) -> None:
    office.host()
    desk = office.desk()
    version = desk.do([Call(RESOLVE, "GetVersion")])[0]
    assert version == [21, 1, 0, 12, ""]
    desk.close()


@given(st.binary())
def test_any_bytes_are_one_safe_literal(content: bytes) -> None:
    literal = lua_string(content)
    assert literal.isascii()
    assert "\n" not in literal
    for flavour in FLAVOURS:
        lua = importlib.import_module(f"lupa.{flavour}").LuaRuntime(encoding=None)
        assert lua.execute(f"return {literal}".encode()) == content


def test_a_request_that_tries_to_call_something_does_nothing(office: Office) -> None:
    office.put('resolve:OpenPage("color") return {id = "x", before = 9e9, body = "{}"}')
    host = office.host(waits=5)
    host.join()
    assert (office.world.log.calls, office.answered()) == ([], "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "return",
        "return {",
        "return 5",
        "return {id = 5}",
        'return {id = "x"}',
        "\x1bLua",
        "while true do end error(",
    ],
)
def test_a_request_that_is_none_is_left_alone(office: Office, text: str) -> None:
    office.put(text)
    host = office.host(waits=5)
    host.join()
    assert "The script was ended" in str(host.failed)
    assert office.answered() == ""


def body(steps: list[dict[str, Any]]) -> str:
    return lua_string(json.dumps({"steps": steps}).encode())


def request(identity: str, before: float, page: str = "color") -> str:
    opens = {"on": 0, "do": "OpenPage", "args": [page]}
    return f'return {{id = "{identity}", before = {int(before)}, body = {body([opens])}}}'


def test_a_request_that_nobody_waits_for_any_more_is_not_carried_out(office: Office) -> None:
    office.put(request("old", time.time() - 5))
    office.host(waits=5).join()
    assert office.world.page == "edit"
    office.put(request("new", time.time() + 500))
    office.host(waits=5).join()
    assert office.world.page == "color"


def test_a_request_is_carried_out_once_however_often_the_script_is_started(office: Office) -> None:
    office.put(request("once", time.time() + 500))
    for _ in range(3):
        office.host(waits=5).join()
    assert [call.method for call in office.world.log.calls].count("OpenPage") == 1


def test_the_script_that_was_started_last_stays(office: Office) -> None:
    first = office.host()
    desk = office.desk()
    second = office.host()
    assert desk.do([VERSION]) == ["21.1.0.12"]
    first.join()
    assert "this one leaves" in first.said[-1]
    assert second.runs
    desk.close()


def test_it_leaves_when_asked_and_takes_its_answer_along(office: Office) -> None:
    host = office.host()
    office.desk().stop()
    host.join()
    assert "asked to leave" in host.said[-1]
    assert office.answered() == ""
    assert not (office.requests / "request.lua").exists()


def test_it_leaves_after_half_an_hour_and_writes_nothing_meanwhile(office: Office) -> None:
    host = office.host(pause=0.0)
    host.join()
    assert "nothing was asked for half an hour" in host.said[-1]
    assert not office.world.prefs_file.exists() if office.world.prefs_file else False


def test_fusion_is_called_once_a_second_while_nothing_is_asked(office: Office) -> None:
    host = office.host(waits=200)  # of a twentieth of a second each
    host.join()
    assert host.asked_fusion <= 2 + 10  # two as it starts


def test_nothing_is_written_while_nothing_is_asked(office: Office) -> None:
    host = office.host(waits=200)
    host.join()
    assert office.world.prefs_file is not None
    assert not office.world.prefs_file.exists()


def test_nobody_there_is_told_with_what_to_start(office: Office) -> None:
    with pytest.raises(ResolveRefused, match=r"Start Workspace ▸ Scripts ▸ Sonique in it, once per session"):
        office.desk(SHORT)
    assert not (office.requests / "request.lua").exists()
    with pytest.raises(ResolveRefused, match="is not running"):
        MailboxDesk(office.requests, office.prefs, SHORT, is_running=lambda: False)


@pytest.mark.skipif(sys.platform == "win32", reason="modes say nothing there")
@pytest.mark.parametrize("mode", [0o777, 0o750])
def test_a_mailbox_that_others_reach_is_not_used(office: Office, mode: int) -> None:
    office.host()
    office.requests.chmod(mode)
    with pytest.raises(ResolveRefused, match=r"is open to others.*chmod 700"):
        office.desk()
    assert list(office.requests.iterdir()) == []
    assert not office.world.log.calls


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_mailbox_that_is_a_link_is_not_used(office: Office, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(office.requests)
    with pytest.raises(ResolveRefused, match="is a symbolic link"):
        MailboxDesk(link, office.prefs, SHORT, is_running=lambda: True)


def test_a_mailbox_that_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResolveRefused, match="cannot be used"):
        MailboxDesk(tmp_path / "file", office.prefs, SHORT, is_running=lambda: True)
    (office.requests / "lock").mkdir()
    with pytest.raises(ResolveRefused, match="cannot be used"):
        office.desk(SHORT)


def test_a_folder_that_goes_meanwhile_is_told(office: Office) -> None:
    office.host()
    desk = office.desk()
    shutil.rmtree(office.requests)
    with pytest.raises(ResolveRefused, match="cannot be used"):
        desk.do([VERSION])
    desk.close()


def test_a_compiled_request_is_not_run(office: Office) -> None:
    if office.flavour == "lua51":
        pytest.skip("Resolve's Lua is LuaJIT; the plain one does not tell text and bytes apart")
    lua = importlib.import_module(f"lupa.{office.flavour}").LuaRuntime(encoding=None)
    source = b"return string.dump(function() return {id = 'x', before = 9e9, body = '{\"release\": \"all\"}'} end)"
    (office.requests / "request.lua").write_bytes(lua.execute(source))
    host = office.host(waits=5)
    host.join()
    assert office.answered() == ""


def test_what_one_that_was_killed_left_is_cleared_away(office: Office) -> None:
    office.host()
    (office.requests / "request.0123456789abcdef.new").write_text("return {")
    office.desk().close()
    assert [path.name for path in office.requests.iterdir()] == ["lock"]


def test_one_sonique_at_a_time(office: Office) -> None:
    office.host()
    desk = office.desk()
    with pytest.raises(ResolveRefused, match="Another Sonique talks"):
        office.desk()
    desk.close()
    office.desk().close()


def test_closing_leaves_neither_a_request_nor_names_of_clips(office: Office) -> None:
    office.host()
    office.world.timeline.name = "Geheimes Projekt"
    desk = office.desk()
    steps = [
        Call(RESOLVE, "GetProjectManager"),
        Call(Ref(0), "GetCurrentProject"),
        Call(Ref(1), "GetCurrentTimeline"),
        Call(Ref(2), "GetName"),
    ]
    assert desk.do(steps)[3] == "Geheimes Projekt"
    desk.close()
    answer = office.answered().split(":")[-1]
    assert json.loads(base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4))) == {"ok": []}
    assert sorted(path.name for path in office.requests.iterdir()) == ["lock"]


def test_an_answer_is_read_once_it_is_whole(tmp_path: Path) -> None:
    profile = tmp_path / "Studio profile"
    profile.mkdir()
    file = profile / "Fusion.prefs"
    content = base64.urlsafe_b64encode(b'{"ok": ["\xc3\xa4"]}').decode().rstrip("=")
    whole = f'{{\n\tGlobal = {{\n\t\tSonique = {{\n\t\t\tAnswer = "aa-7:2/3:{content}",\n\t\t}},\n\t}},\n}}\n'
    end = whole.index(content) + len(content)
    for length in range(len(whole) + 1):
        file.write_text(whole[:length])
        piece = Prefs([(tmp_path, "*/Fusion.prefs")]).piece("aa-7", 2)
        assert (piece is not None) == (length > end)
    assert piece is not None
    assert (piece.number, piece.count, piece.content) == (2, 3, b'{"ok": ["\xc3\xa4"]}')


@pytest.mark.parametrize(
    "stale", ["aa-6:2/3:e30", "baa-7:2/3:e30", "aa-7:1/3:e30", "aa-77:2/3:e30", "aa-7:2/3:e.0", "aa-7:"]
)
def test_stale_and_broken_answers_are_passed_over(tmp_path: Path, stale: str) -> None:
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Fusion.prefs").write_text(f'{{ Global = {{ Sonique = {{ Answer = "{stale}" }} }} }}')
    assert Prefs([(tmp_path, "*/Fusion.prefs")]).piece("aa-7", 2) is None


def test_any_profile_may_be_the_one(tmp_path: Path) -> None:
    for name, identity in (("Default", "old-1"), ("Second", "aa-1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Fusion.prefs").write_text(f'{{ Answer = "{identity}:1/1:e30" }}')
    piece = Prefs([(tmp_path, "*/Fusion.prefs")]).piece("aa-1", 1)
    assert piece is not None
    assert piece.content == b"{}"


def test_the_folder_may_have_any_name(bridges: Any, tmp_path: Path, flavour: str) -> None:
    folder = tmp_path / "Jürgen's “Ordner” ]] \\ 100%"
    folder.mkdir()
    desk = bridges.mailbox(World(FREE), folder, flavour=flavour)
    assert desk.do([VERSION]) == ["21.1.0.12"]
    desk.close()


def test_the_script_is_filled_in_whole(tmp_path: Path) -> None:
    assert "@SONIQUE" not in mailbox_text(tmp_path)


def test_the_newest_request_is_always_whole(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    replace = Path.replace

    def look(path: Path, target: Path) -> Path:
        seen.append(path)
        assert path.read_text().endswith("}\n")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", look)
    office.host()
    office.desk().close()
    assert len(seen) == 2
