"""The scripts in Resolve's menu: in on every system's layout, current again after an update, out without a trace."""

import ast
import errno
from pathlib import Path

import pytest
from sonique_resolve.bridge.scripts import menu_text
from sonique_resolve.folders import Folders, System, folders_of
from sonique_resolve.install import (
    Done,
    NotInstalled,
    Script,
    Which,
    install,
    installed,
    strangers,
    uninstall,
    wanted,
)

LAYOUTS = {
    System.LINUX: ".local/share/DaVinciResolve/Fusion/Scripts/Utility",
    System.MACOS: "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    System.WINDOWS: "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
}
MENU, MAILBOX = Script(Which.MENU, "print('panel')\n"), Script(Which.MAILBOX, "print('mailbox')\n")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture(params=list(System), ids=lambda system: system.value)
def folders(request: pytest.FixtureRequest, home: Path) -> Folders:
    return folders_of(home, request.param)


def everything(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))


def test_the_script_lands_in_the_systems_own_folder(folders: Folders, home: Path) -> None:
    done = install(folders, [MENU])
    path = home / LAYOUTS[folders.system] / "Sonique.py"
    assert done == Done(written=(path,))
    assert path.read_text().endswith("\nprint('panel')\n")


def test_installing_twice_writes_once(folders: Folders, home: Path) -> None:
    install(folders, [MENU, MAILBOX])
    before = everything(home)
    done = install(folders, [MENU, MAILBOX])
    assert (done.written, len(done.kept)) == ((), 2)
    assert everything(home) == before


def test_uninstalling_leaves_nothing_of_ours_and_nothing_else_changed(folders: Folders, home: Path) -> None:
    install(folders, [MENU, MAILBOX])
    uninstall(folders)
    assert everything(home) == []


def test_folders_and_scripts_of_others_stay(folders: Folders, home: Path) -> None:
    folders.scripts.mkdir(parents=True)
    before = everything(home)
    install(folders, [MENU])
    (folders.utility / "Other.py").write_text("print('other')\n")
    uninstall(folders)
    assert set(everything(home)) - set(before) == {
        LAYOUTS[folders.system],
        f"{LAYOUTS[folders.system]}/Other.py",
    }


def test_a_folder_that_was_there_empty_stays(folders: Folders, home: Path) -> None:
    folders.utility.mkdir(parents=True)
    before = everything(home)
    install(folders, [MENU])
    uninstall(folders)
    assert everything(home) == before


def test_an_update_replaces_the_older_script_and_still_leaves_no_trace(folders: Folders, home: Path) -> None:
    install(folders, [MENU])
    newer = Script(Which.MENU, "print('newer')\n")
    assert [found.current for found in installed(folders, [newer])] == [False]
    done = install(folders, [newer])
    assert len(done.written) == 1
    assert [found.current for found in installed(folders, [newer])] == [True]
    uninstall(folders)
    assert everything(home) == []


def test_both_scripts_have_names_that_the_menu_tells_apart(folders: Folders) -> None:
    install(folders, [MENU, MAILBOX])
    assert sorted(path.stem for path in folders.utility.iterdir()) == ["Sonique", "Sonique (Free 21.1)"]


def test_a_script_that_is_no_longer_wanted_goes(folders: Folders) -> None:
    install(folders, [MENU, MAILBOX])
    done = install(folders, [MAILBOX])
    assert [path.name for path in folders.utility.iterdir()] == ["Sonique.lua"]
    assert {path.name for path in done.removed} == {"Sonique.py", "Sonique (Free 21.1).lua"}


@pytest.mark.parametrize("text", ["", "print('mine')\n", "# sonique-script\n"])
def test_anothers_file_is_never_overwritten_nor_removed(folders: Folders, text: str) -> None:
    folders.utility.mkdir(parents=True)
    mine = folders.utility / "Sonique.py"
    mine.write_text(text)
    with pytest.raises(NotInstalled, match=r"Sonique\.py” is not Sonique's; rename it"):
        install(folders, [MAILBOX, MENU])
    uninstall(folders)
    assert [(path.name, path.read_text()) for path in folders.utility.iterdir()] == [("Sonique.py", text)]
    assert strangers(folders) == (mine,)


def test_a_link_is_anothers_even_where_it_leads_to_one_of_ours(folders: Folders, tmp_path: Path) -> None:
    install(folders, [MENU])
    path = folders.utility / "Sonique.py"
    kept = tmp_path / "kept.py"
    path.rename(kept)
    path.symlink_to(kept)
    with pytest.raises(NotInstalled, match="is not Sonique's"):
        install(folders, [MENU])
    assert kept.read_text().endswith("print('panel')\n")


def test_where_one_script_cannot_be_written_nothing_was_changed(
    folders: Folders, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.suffix == ".lua":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NotInstalled, match="No space left"):
        install(folders, [MENU, MAILBOX])
    assert everything(home) == []
    install(folders, [MENU])
    before = everything(home)
    with pytest.raises(NotInstalled):
        install(folders, [Script(Which.MENU, "print('newer')\n"), MAILBOX])
    assert everything(home) == before
    assert (folders.utility / "Sonique.py").read_text().endswith("\nprint('panel')\n")


def test_a_folder_that_cannot_be_made_is_told(home: Path) -> None:
    (home / ".local").write_text("a file\n")
    with pytest.raises(NotInstalled, match="cannot be written"):
        install(folders_of(home, System.LINUX), [MENU])


def test_the_app_stores_resolve_is_told(home: Path) -> None:
    (home / "Library" / "Containers" / "com.blackmagic-design.DaVinciResolveLite").mkdir(parents=True)
    assert "App Store" in install(folders_of(home, System.MACOS), [MENU]).notes[0]
    assert install(folders_of(home, System.LINUX), [MENU]).notes == ()


def test_windows_says_itself_where_settings_are(tmp_path: Path) -> None:
    folders = folders_of(None, System.WINDOWS, {"APPDATA": str(tmp_path / "Roaming")})
    assert folders.utility == tmp_path / "Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility"


@pytest.mark.parametrize(
    ("edition", "release", "which"),
    [
        ("studio", (21, 1), (Which.MENU,)),
        ("studio", (), (Which.MENU,)),
        ("free", (21, 0), (Which.MENU,)),
        ("free", (21, 1), (Which.MAILBOX,)),
        ("", (20, 2), (Which.MENU,)),
        ("free", (), (Which.MENU, Which.MAILBOX)),
        ("", (), (Which.MENU, Which.MAILBOX)),
        ("", (21, 1), (Which.MENU, Which.MAILBOX)),
    ],
)
def test_each_edition_gets_the_script_that_it_can_run(
    edition: str, release: tuple[int, ...], which: tuple[Which, ...]
) -> None:
    assert wanted(edition, release) == which


def test_the_menus_script_is_python_and_knows_the_python_that_it_starts(folders: Folders) -> None:
    install(folders, [Script(Which.MENU, menu_text(("/opt/söme/python", "-m", "sonique_resolve.panel")))])
    text = (folders.utility / "Sonique.py").read_text(encoding="utf-8")
    ast.parse(text)
    assert ascii("/opt/söme/python") in text
