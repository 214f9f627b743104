import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sonique.runtime_file import CONTRACT, RuntimeFile, runtime_path
from sonique.v1 import daemon_pb2
from sonique_client import discovery
from sonique_client.connection import connect
from sonique_client.errors import DaemonUnreachable


def write(pid: int, address: str = "127.0.0.1:1") -> None:
    runtime_path().touch(mode=0o600)
    runtime_path().write_text(RuntimeFile(address, "", "t", pid, "1", CONTRACT).to_json(), encoding="utf-8")


def test_no_file_means_no_daemon(runtime_folder: Path) -> None:
    assert runtime_folder.is_dir()
    assert discovery.find_daemon() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"address": 1}', "\x00", "[" * 5000, '{"address": "a", "token": "t", "pid": 1e999']
)
def test_a_broken_file_means_no_daemon(held: Path, text: str) -> None:
    (held / "daemon.json").touch(mode=0o600)
    (held / "daemon.json").write_text(text)
    assert discovery.find_daemon() is None


@pytest.mark.usefixtures("held")
def test_a_number_that_is_too_large_means_no_daemon() -> None:
    write(1)
    text = runtime_path().read_text(encoding="utf-8").replace('"pid": 1', '"pid": 1e999')
    runtime_path().write_text(text, encoding="utf-8")
    assert discovery.find_daemon() is None


@pytest.mark.parametrize("lock", [True, False])
def test_a_file_that_a_dead_daemon_left_is_not_believed_though_its_process_id_lives(
    runtime_folder: Path, lock: bool
) -> None:
    write(os.getpid())
    if lock:
        (runtime_folder / "daemon.lock").touch()
    assert discovery.find_daemon() is None


@pytest.mark.usefixtures("held")
def test_a_file_beside_a_held_lock_is_believed() -> None:
    write(os.getpid())
    found = discovery.find_daemon()
    assert found is not None
    assert found.pid == os.getpid()


@pytest.mark.usefixtures("held")
def test_a_file_that_a_dead_daemon_left_is_not_believed_while_the_next_one_starts_and_holds_the_lock() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    write(ended.pid)
    assert discovery.find_daemon() is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_runtime_file_that_others_can_read_is_refused(held: Path, mode: int) -> None:
    write(os.getpid())
    (held / "daemon.json").chmod(mode)
    with pytest.raises(DaemonUnreachable, match=r"daemon\.json” is open to others.*SONIQUE_RUNTIME_DIR"):
        discovery.find_daemon()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_runtime_folder_that_others_can_enter_is_refused(held: Path, mode: int) -> None:
    write(os.getpid())
    held.chmod(mode)
    with pytest.raises(DaemonUnreachable, match=r"folder .*run” is open to others"):
        discovery.find_daemon()


@pytest.mark.usefixtures("held")
@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_a_runtime_file_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    write(os.getpid())
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(DaemonUnreachable, match="belongs to another user"):
        discovery.find_daemon()


@pytest.mark.usefixtures("runtime_folder")
@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_a_runtime_folder_of_another_user_is_refused_before_anything_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(DaemonUnreachable, match="belongs to another user"):
        connect()


def test_a_runtime_folder_that_is_a_link_is_refused(
    held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(os.getpid())
    (tmp_path / "link").symlink_to(held)
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "link"))
    with pytest.raises(DaemonUnreachable, match="symbolic link"):
        discovery.find_daemon()


def test_a_runtime_file_that_is_a_link_is_not_followed(held: Path, tmp_path: Path) -> None:
    write(os.getpid())
    runtime_path().rename(tmp_path / "elsewhere.json")
    (held / "daemon.json").symlink_to(tmp_path / "elsewhere.json")
    assert discovery.find_daemon() is None


@pytest.mark.parametrize("pid", [0, -1, 2**40])
def test_numbers_that_are_no_process_are_not_alive(pid: int) -> None:
    assert not discovery.is_alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="told on Linux only")
def test_a_process_that_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    while discovery.is_alive(process.pid):
        pass
    assert process.wait(60) == 0


@pytest.mark.usefixtures("runtime_folder")
def test_without_a_daemon_and_without_starting_one_the_user_is_told_how() -> None:
    with pytest.raises(DaemonUnreachable, match="soniqued"):
        connect(start=None)


def test_a_daemon_is_started_where_none_runs_and_taken_where_one_does(runtime_folder: Path) -> None:
    with connect() as first, connect() as second:
        assert first.info.pid == second.info.pid != os.getpid()
        assert (runtime_folder / "daemon.out").stat().st_mode & 0o777 == 0o600
        first.daemon.Shutdown(daemon_pb2.ShutdownRequest())
    while discovery.is_alive(first.info.pid):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is the home of POSIX")
@pytest.mark.parametrize("home", ["with a module", "nowhere"])
def test_a_daemon_starts_whatever_lies_in_the_home_and_without_one(
    runtime_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (tmp_path / "with a module").mkdir()
    (tmp_path / "with a module" / "numbers.py").write_text("raise SystemExit('not the one that was meant')")
    monkeypatch.setenv("HOME", str(tmp_path / home))
    monkeypatch.setenv("SONIQUE_LOG_DIR", str(runtime_folder))
    with connect() as connection:
        pid = connection.info.pid
        connection.daemon.Shutdown(daemon_pb2.ShutdownRequest())
    while discovery.is_alive(pid):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is the home of POSIX")
@pytest.mark.parametrize("mode", [None, 0o600, 0o700])
def test_a_process_is_started_in_the_home_or_else_at_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int | None
) -> None:
    home = tmp_path / "home"
    if mode is not None:
        home.mkdir(mode)
    monkeypatch.setenv("HOME", str(home))
    enterable = os.access(home, os.X_OK)  # which for root any folder is
    assert discovery.lasting_folder() == (home if enterable else Path(os.sep))


@pytest.mark.usefixtures("runtime_folder")
def test_clients_that_start_a_daemon_at_once_share_one() -> None:
    code = "from sonique_client.connection import connect; print(connect().info.pid)"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {int(process.communicate(timeout=60)[0]) for process in both}
    assert len(pids) == 1
    with connect(start=None) as connection:
        connection.daemon.Shutdown(daemon_pb2.ShutdownRequest())
    while discovery.is_alive(pids.copy().pop()):
        pass


@pytest.mark.usefixtures("runtime_folder")
def test_a_daemon_that_was_started_ahead_is_the_one_that_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    spawned: list[int] = []
    spawn = subprocess.Popen

    def counted(*arguments: Any, **more: Any) -> "subprocess.Popen[bytes]":
        process = spawn(*arguments, **more)
        spawned.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", counted)
    discovery.start_ahead()
    discovery.start_ahead()
    with connect() as connection:
        assert spawned == [connection.info.pid]
        discovery.start_ahead()  # one runs by now
        connection.daemon.Shutdown(daemon_pb2.ShutdownRequest())
    assert len(spawned) == 1
    while discovery.is_alive(spawned[0]):
        pass


@pytest.mark.usefixtures("runtime_folder")
def test_none_is_started_ahead_where_the_daemon_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONIQUE_DAEMON", "studio.lan:7543")
    monkeypatch.setattr(discovery, "Launch", lambda: pytest.fail("one was started"))
    discovery.start_ahead()


@pytest.fixture
def blocked(runtime_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that is started dies at birth."""
    assert runtime_folder.is_dir()
    (tmp_path / "blocked").write_text("a file where the store should be")
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "blocked"))


@pytest.mark.usefixtures("blocked")
def test_a_daemon_started_ahead_that_dies_at_birth_tells_so_when_it_is_needed() -> None:
    discovery.start_ahead()
    with pytest.raises(DaemonUnreachable, match="The Sonique daemon cannot start"):
        connect()


@pytest.mark.usefixtures("blocked")
def test_a_daemon_that_dies_at_birth_tells_its_last_words() -> None:
    with pytest.raises(DaemonUnreachable, match="The Sonique daemon cannot start"):
        connect()


def test_importing_the_client_imports_neither_grpc_nor_the_daemon() -> None:
    code = (
        "import sys; from sonique_client import connection, discovery, errors, fetch, otio, recipe, scoring;"
        "print([name for name in ('grpc', 'google.protobuf', 'sonique_daemon', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.strip() == "[]"
