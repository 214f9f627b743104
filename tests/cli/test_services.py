"""The files by which a system starts the daemon: written once, recognised, never another's."""

import os
import plistlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_cli import launchd, systemd
from sonique_cli.exits import CommandError, Exit
from sonique_cli.installation import Agent, UserUnit, household_here, install, uninstall
from sonique_cli.service_commands import complaint
from sonique_cli.service_files import Ownership, ownership
from sonique_cli.systemd import Household, unit_text


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, where no systemd and no launchd answers."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "SONIQUE_CONFIG", "SONIQUE_LOG_DIR", "SONIQUE_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(systemd, "_systemctl", lambda *_: "nobody answers")
    monkeypatch.setattr(launchd, "_launchctl", lambda *_: "")
    return tmp_path


@pytest.fixture
def household(home: Path) -> Household:
    """A household with a name that needs care."""
    command = (str(home / "my films" / "soniqued 100%"), "--media-root", "/mnt/$films")
    folders = (home / "my store", home / "logs")
    return Household(command, {"SONIQUE_STORE": str(home / "my store")}, home / "run", folders)


def test_installing_writes_a_unit_that_only_uninstalling_removes(home: Path) -> None:
    told = install(UserUnit())
    path = home / ".config" / "systemd" / "user" / "sonique.service"
    text = path.read_text(encoding="utf-8")
    assert "systemctl --user enable --now" in told
    assert f"ExecStart={Path(sys.executable).parent / 'soniqued'}" in text
    assert "Type=exec" in text
    uninstall(UserUnit())
    assert not path.exists()


def test_installing_again_replaces_its_own_file(home: Path) -> None:
    install(UserUnit())
    install(UserUnit(), 8 * 10**9)
    path = home / ".config" / "systemd" / "user" / "sonique.service"
    assert "MemoryMax=8000000000" in path.read_text(encoding="utf-8")
    assert [found.name for found in path.parent.iterdir()] == ["sonique.service"]


@pytest.mark.parametrize("service", [UserUnit(), Agent()])
def test_a_file_that_somebody_else_wrote_is_left_alone(service: UserUnit | Agent) -> None:
    service.path.parent.mkdir(parents=True)
    service.path.write_text("[Unit]\nDescription=mine\n", encoding="utf-8")
    for act in (install, uninstall):
        with pytest.raises(CommandError, match="left alone") as caught:
            act(service)
        assert caught.value.exit_code is Exit.OUTPUT
    assert service.path.read_text(encoding="utf-8") == "[Unit]\nDescription=mine\n"


@pytest.mark.parametrize("service", [UserUnit(), Agent()])
def test_a_file_of_ours_that_was_changed_by_hand_is_left_alone(service: UserUnit | Agent) -> None:
    install(service)
    changed = service.path.read_text(encoding="utf-8").replace("sonique", "Sonique", 1)
    service.path.write_text(changed + "\n", encoding="utf-8")
    assert ownership(service.path, comment=service.comment) is not Ownership.OURS
    for act in (install, uninstall):
        with pytest.raises(CommandError, match="left alone"):
            act(service)
    assert service.path.read_text(encoding="utf-8") == changed + "\n"


def test_a_link_in_the_units_place_is_left_alone(home: Path) -> None:
    install(UserUnit())
    path, real = UserUnit().path, home / "elsewhere.service"
    path.rename(real)
    path.symlink_to(real)
    with pytest.raises(CommandError, match="left alone"):
        uninstall(UserUnit())
    assert real.exists()


def test_where_nothing_is_installed_nothing_is_removed() -> None:
    with pytest.raises(CommandError, match="No service is installed"):
        uninstall(UserUnit())


def test_a_service_is_told_where_things_are_but_no_secret(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONIQUE_STORE", str(home / "elsewhere"))
    monkeypatch.setenv("SONIQUE_TOKEN_FILE", str(home / "secret"))
    text = unit_text(household_here())
    lines = [line.replace('"', "") for line in text.splitlines()]  # which are there where a path has spaces
    assert f"Environment=SONIQUE_STORE={home / 'elsewhere'}" in lines
    assert f"ReadWritePaths=-{home / 'elsewhere'}" in lines
    assert "secret" not in text
    assert "TOKEN" not in text


def test_a_unit_may_read_everything_and_write_its_own_folders_alone(household: Household) -> None:
    lines = unit_text(household).splitlines()
    assert "ProtectSystem=strict" in lines
    assert "NoNewPrivileges=yes" in lines
    assert not [line for line in lines if line.startswith(("ProtectHome", "PrivateTmp", "InaccessiblePaths"))]
    writable = [line.partition("=")[2].strip('"') for line in lines if line.startswith("ReadWritePaths=")]
    assert writable == [f"-{path}" for path in (household.runtime, *household.writable)]


def test_the_runtime_folder_of_a_session_is_made_by_systemd(
    household: Household, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "session"))
    text = unit_text(replace(household, runtime=home / "session" / "sonique"))
    assert "RuntimeDirectory=sonique\n" in text
    assert "session" not in text.replace("RuntimeDirectory", "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(household: Household, home: Path) -> None:
    command = home / "my films" / "soniqued 100%"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n", encoding="utf-8")
    command.chmod(0o755)
    unit = home / "sonique.service"
    unit.write_text(unit_text(replace(household, memory_max=8 * 10**9)), encoding="utf-8")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    command_line = ["systemd-analyze", "verify", "--user", "--man=no", str(unit)]
    done = subprocess.run(command_line, env=environment, capture_output=True, text=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if "sonique" in line.lower()]
    assert (done.returncode, told) == (0, [])


def test_an_agent_reads_back_as_it_was_meant(household: Household, home: Path) -> None:
    found = plistlib.loads(launchd.agent_text(household, home / "out").encode())
    assert found["ProgramArguments"] == list(household.command)
    assert found["EnvironmentVariables"] == dict(household.environment)
    assert found["KeepAlive"] == {"SuccessfulExit": False}
    assert found["RunAtLoad"] is True


def test_installing_an_agent_writes_its_property_list(home: Path) -> None:
    install(Agent())
    path = home / "Library" / "LaunchAgents" / "sonique.daemon.plist"
    assert plistlib.loads(path.read_bytes())["Label"] == "sonique.daemon"
    assert ownership(path, comment=Agent.comment) is Ownership.OURS
    uninstall(Agent())
    assert not path.exists()


def test_launchd_cannot_limit_memory_and_says_so() -> None:
    with pytest.raises(CommandError, match="memory_budget"):
        install(Agent(), 10**9)
    assert not Agent().path.exists()


def test_a_command_of_the_system_that_fails_is_told_in_its_last_line() -> None:
    assert complaint(sys.executable, "-c", "pass") == ""
    assert complaint(sys.executable, "-c", "import sys; sys.exit('first\\nno such unit')") == "no such unit"
    assert complaint(sys.executable, "-c", "raise SystemExit(4)").endswith("ended with code 4")
    assert "nobody-has-this" in complaint("nobody-has-this")
