"""Whole daemons: how they come up, stay alone, and end."""

import json
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import grpc
import pytest
from sonique.runtime_file import CONTRACT, RuntimeFile
from sonique.v1 import brief_pb2, daemon_pb2, daemon_pb2_grpc, engines_pb2, scoring_pb2
from sonique_client import scoring
from sonique_client.connection import connect
from sonique_client.errors import DaemonGone, DaemonUnreachable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Home(Protocol):
    """What these tests use of the fixture."""

    folder: Path

    @property
    def runtime(self) -> Path: ...
    @property
    def file(self) -> Path: ...
    @property
    def store(self) -> Path: ...
    @property
    def gate(self) -> Path: ...
    def environment(self) -> dict[str, str]: ...
    def spawn(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]": ...
    def start(self, *arguments: str) -> tuple["subprocess.Popen[str]", RuntimeFile]: ...
    def listening(self, process: "subprocess.Popen[str]") -> RuntimeFile: ...
    def stop(self, process: "subprocess.Popen[str]") -> int: ...


WORKERS = engines_pb2.ListWorkersRequest()


def ask(job_id: str, prompt: str) -> scoring_pb2.TagRequest:
    return scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt=prompt))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_daemon_tells_where_it_listens_to_its_user_alone(home: Home) -> None:
    process, runtime = home.start()
    assert runtime.address.startswith("127.0.0.1:")
    assert runtime.socket == f"unix:{home.runtime / 'daemon.sock'}"
    assert (runtime.contract, len(runtime.token) >= 40) == (CONTRACT, True)
    assert (mode(home.runtime), mode(home.file), mode(home.runtime / "daemon.sock")) == (0o700, 0o600, 0o600)
    assert home.stop(process) == 0


def test_a_daemon_that_is_told_to_end_leaves_nothing_to_find(home: Home) -> None:
    process, _ = home.start()
    assert home.stop(process) == 0
    assert sorted(path.name for path in home.runtime.iterdir()) == ["daemon.lock", "soniqued.log"]


def test_a_daemon_can_be_told_to_end_by_a_call(home: Home) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        connection.daemon.Shutdown(daemon_pb2.ShutdownRequest())
    assert process.wait(60) == 0
    assert not home.file.exists()


def test_a_daemon_whose_runtime_file_was_spoilt_is_found_again(home: Home) -> None:
    process, runtime = home.start()
    home.file.write_text("{broken")
    with connect(lambda: home.listening(process)) as connection:
        assert connection.daemon.Info(daemon_pb2.InfoRequest()).version == runtime.version
    assert RuntimeFile.from_json(home.file.read_text()) == runtime
    assert home.stop(process) == 0


def test_a_second_daemon_says_so_and_leaves_the_first_alone(home: Home) -> None:
    first, runtime = home.start()
    second = home.spawn()
    _, said = second.communicate(timeout=60)
    assert second.returncode == 3
    assert said.strip() == f"A Sonique daemon runs already (process {first.pid}); use it, or stop it first."
    assert RuntimeFile.from_json(home.file.read_text(encoding="utf-8")) == runtime
    with connect(start=None) as connection:
        assert connection.info.pid == first.pid


def test_of_two_daemons_that_start_at_once_one_stays(home: Home) -> None:
    both = [home.spawn(), home.spawn()]
    loser = next(iter(process for process in both if process is not _survivor(both)))
    assert loser.wait(60) == 3
    winner = _survivor(both)
    assert home.listening(winner).pid == winner.pid


def test_of_two_daemons_that_race_for_one_store_one_stays(home: Home, tmp_path: Path) -> None:
    elsewhere = {"SONIQUE_RUNTIME_DIR": str(tmp_path / "run"), "SONIQUE_LOG_DIR": str(tmp_path / "run")}
    both = [home.spawn(), home.spawn(**elsewhere)]
    winner = _survivor(both)
    loser = next(process for process in both if process is not winner)
    assert loser.wait(60) == 5
    assert winner.poll() is None


def _survivor(processes: "list[subprocess.Popen[str]]") -> "subprocess.Popen[str]":
    """The one that still runs when the other has ended."""
    while True:
        running = [process for process in processes if process.poll() is None]
        if len(running) == 1:
            return running[0]
        assert running
        with suppress(subprocess.TimeoutExpired):
            running[0].wait(0.01)


def test_a_second_daemon_cannot_have_the_store_of_the_first(home: Home, tmp_path: Path) -> None:
    process, _ = home.start()
    other = home.spawn(SONIQUE_RUNTIME_DIR=str(tmp_path / "other"), SONIQUE_LOG_DIR=str(tmp_path / "other"))
    _, said = other.communicate(timeout=60)
    assert other.returncode == 5
    assert len(said.strip().splitlines()) == 1
    assert str(home.store) in said
    assert home.stop(process) == 0


def test_after_a_kill_the_next_daemon_starts_and_is_found(home: Home) -> None:
    first, old = home.start()
    first.kill()
    first.wait(60)
    assert home.file.exists()
    with pytest.raises(DaemonUnreachable):
        connect(start=None)
    second, new = home.start()
    assert new.token != old.token
    with connect(start=None) as connection:
        assert connection.info.pid == second.pid


def test_a_stale_file_that_names_a_living_process_misleads_nobody(home: Home) -> None:
    home.runtime.mkdir(mode=0o700)
    liar = RuntimeFile("127.0.0.1:1", "", "t", 1, "0", CONTRACT)
    home.file.write_text(liar.to_json(), encoding="utf-8")
    with pytest.raises(DaemonUnreachable):
        connect(start=None)
    _, runtime = home.start()
    assert runtime.pid != 1


@pytest.mark.parametrize("target", ["address", "socket"])
def test_a_wrong_token_opens_neither_port_nor_socket(home: Home, target: str) -> None:
    _, runtime = home.start()
    with grpc.insecure_channel(getattr(runtime, target)) as channel, pytest.raises(grpc.RpcError) as caught:
        daemon_pb2_grpc.DaemonStub(channel).Info(
            daemon_pb2.InfoRequest(), metadata=(("authorization", "Bearer wrong"),)
        )
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_killed_daemon_is_told_at_once_to_who_watches(home: Home) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        events = scoring.run(connection, ask("a", str(home.gate)))
        next(events)
        process.kill()
        process.wait(60)
        with pytest.raises(DaemonGone, match="stopped while the job “a” was running"):
            next(events)


def test_the_token_is_nowhere_but_in_the_runtime_file(home: Home) -> None:
    process, runtime = home.start("--log-level", "debug")
    with connect(start=None) as connection:
        events = scoring.run(connection, ask("a", str(home.gate)))
        while next(events).WhichOneof("event") != "warning":
            pass
        family = [process.pid, *(worker.pid for worker in connection.engines.ListWorkers(WORKERS).workers)]
        shown = [Path(f"/proc/{pid}/{name}").read_bytes() for pid in family for name in ("cmdline", "environ")]
        home.gate.touch()
        list(events)
    home.stop(process)
    said = "".join(process.communicate())
    kept = [path.read_bytes() for path in home.folder.rglob("*") if path.is_file()]
    assert len(shown) >= 4
    assert not any(runtime.token.encode() in text for text in (*shown, *kept, said.encode()))


def test_nothing_that_it_writes_can_be_read_by_others(home: Home) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        list(scoring.run(connection, ask("a", "short")))
    written = [*home.runtime.rglob("*"), home.store, *home.store.rglob("*")]
    assert len(written) > 8
    assert not [path for path in written if mode(path) & 0o077]
    home.stop(process)


def test_the_log_of_the_run_before_is_kept(home: Home) -> None:
    for _ in range(2):
        process, _ = home.start()
        home.stop(process)
    before = (home.runtime / "soniqued.previous.log").read_text(encoding="utf-8")
    assert "Stopped" in before
    assert mode(home.runtime / "soniqued.log") == 0o600


def test_a_port_that_is_taken_is_told_in_one_sentence(home: Home, tmp_path: Path) -> None:
    _, runtime = home.start()
    places = {name: str(tmp_path / name) for name in ("SONIQUE_RUNTIME_DIR", "SONIQUE_LOG_DIR", "SONIQUE_STORE")}
    second = home.spawn("--port", runtime.address.rpartition(":")[2], **places)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert said.startswith("The Sonique daemon cannot start: Nothing can listen on")
    assert len(said.strip().splitlines()) == 1


def test_the_socket_can_be_left_out(home: Home) -> None:
    _, runtime = home.start("--no-socket")
    assert runtime.socket == ""
    assert not (home.runtime / "daemon.sock").exists()
    with connect(start=None) as connection:
        assert connection.info.pid == runtime.pid


def test_the_runtime_file_is_what_the_contract_says(home: Home) -> None:
    home.start()
    found = json.loads(home.file.read_text(encoding="utf-8"))
    assert sorted(found) == ["address", "contract", "pid", "remote", "socket", "token", "version"]


def test_nothing_heavy_is_imported_before_the_daemon_listens() -> None:
    code = "import sonique_daemon.app.service, sys; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(said.stdout.split())
    assert not loaded & {
        "numpy",
        "scipy",
        "av",
        "opentimelineio",
        "pedalboard",
        "mido",
        "rich",
        "typer",
        "prometheus_client",
    }
