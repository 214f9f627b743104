"""The real command and client against a real daemon on another machine: another home and disk, reached over TLS."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from sonique_client import upload as uploading
from sonique_client.connection import connect
from sonique_client.discovery import is_alive

COMMAND = str(Path(sys.executable).parent / "sonique")


@dataclass
class Machine:
    """Another machine: a daemon that sees nothing of the test's folder, on a port of its own that stays the same."""

    folder: Path
    port: int
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self) -> None:
        environment = {
            **os.environ,
            "HOME": str(self.folder / "home"),
            "SONIQUE_RUNTIME_DIR": str(self.folder / "run"),
            "SONIQUE_STORE": str(self.folder / "store"),
            "SONIQUE_LOG_DIR": str(self.folder / "log"),
        }
        for name in ("SONIQUE_DAEMON", "SONIQUE_TOKEN_FILE", "SONIQUE_TLS_CA"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "sonique_daemon.app.main", "--host", "127.0.0.1", "--port", str(self.port)]
        for name in ("tls-cert", "tls-key", "token-file"):
            command += [f"--{name}", str(self.folder / name)]
        self.processes.append(subprocess.Popen(command, env=environment, cwd=self.folder))
        deadline = time.monotonic() + 60
        while not (self.folder / "run" / "daemon.json").exists():
            assert time.monotonic() < deadline, "the daemon does not listen"
            time.sleep(0.01)

    def kill(self) -> None:
        self.processes[-1].send_signal(signal.SIGKILL)
        self.processes[-1].wait(60)
        (self.folder / "run" / "daemon.json").unlink()

    def stop(self) -> None:
        self.processes[-1].terminate()
        for process in self.processes:
            process.wait(60)

    @property
    def uploads(self) -> list[Path]:
        return sorted((self.folder / "store" / "uploads").iterdir())


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The other machine, with a certificate for “localhost” and a token that a person chose."""
    folder = tmp_path_factory.mktemp("far")
    (folder / "home").mkdir()
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "tls-cert"))
    (folder / "tls-key").touch(mode=0o600)
    certificate.private_key_pem.write_to_path(str(folder / "tls-key"))
    (folder / "token-file").touch(mode=0o600)
    (folder / "token-file").write_text(secrets.token_hex(32))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    machine = Machine(folder, port)
    machine.start()
    yield machine
    machine.stop()


@pytest.fixture
def reached(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment from which it is reached; no daemon runs on this side, and none may be started."""
    named = {
        "SONIQUE_DAEMON": f"localhost:{machine.port}",
        "SONIQUE_TOKEN_FILE": str(machine.folder / "token-file"),
        "SONIQUE_TLS_CA": str(machine.folder / "ca.pem"),
        "SONIQUE_RUNTIME_DIR": str(tmp_path / "run"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "COLUMNS": "120",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    return named


def score(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return sonique("score", *arguments, cwd=cwd)


def sonique(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        stdin=subprocess.DEVNULL,
    )


def test_a_film_is_scored_by_a_daemon_that_does_not_see_it(
    machine: Machine, reached: dict[str, str], film: Path, tmp_path: Path
) -> None:
    before = machine.uploads
    done = score(film, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with wave.open(str(film.with_suffix(".wav")), "rb") as music:
        assert music.getnframes() == 8 * 48_000
    assert film.with_name("trip.scored.mp4").exists()
    assert len(machine.uploads) == len(before) + 1
    again = score(film, "--seed", "1", "-o", "again.wav", cwd=tmp_path)
    assert ("Sending" in done.stderr, "Sending" in again.stderr, again.returncode) == (True, False, 0)
    assert not Path(reached["SONIQUE_RUNTIME_DIR"]).exists()


@pytest.mark.usefixtures("reached")
def test_a_cue_is_checked_by_a_daemon_that_sees_neither_it_nor_its_film(film: Path, tmp_path: Path) -> None:
    assert score(film, "-o", "cue.wav", cwd=tmp_path).returncode == 0
    done = sonique("check", "cue.wav", "--against", film, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hits"]


@pytest.mark.usefixtures("reached")
def test_a_soundfont_is_sent_to_a_daemon_that_does_not_see_it(machine: Machine, film: Path, tmp_path: Path) -> None:
    font = tmp_path / "nothing.sf2"
    font.write_bytes(b"no notes at all")
    done = score(film, "--soundfont", font, "-o", "cue.wav", cwd=tmp_path)
    assert done.returncode != 0  # it holds no instruments, or the daemon has no FluidSynth
    assert font.read_bytes() in [path.read_bytes() for path in machine.uploads]
    assert "not there" not in done.stderr


@pytest.mark.usefixtures("reached")
def test_a_daemon_that_is_killed_goes_on_with_an_upload_when_it_runs_again(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, mib = tmp_path / "long.mp4", 2**20
    film.write_bytes(os.urandom(8 * mib))
    before, places = set(machine.uploads), list[int]()
    real: Callable[..., bytes] = uploading._Source.read
    kill = [6 * mib]

    def read(source: uploading._Source, place: int, count: int) -> bytes:
        places.append(place)
        if place in kill and places.count(place) == 2:  # the first time it is only weighed
            (part,) = set(machine.uploads) - before
            while part.stat().st_size < 2 * mib:
                time.sleep(0.01)
            machine.kill()
            machine.start()
            places.clear()
            kill.clear()
        return real(source, place, count)

    monkeypatch.setattr(uploading._Source, "read", read)
    with connect(start=None) as connection:
        url = uploading.upload(connection, film)
    assert not kill
    assert min(place for place in places if place != 6 * mib) >= 2 * mib
    (sent,) = set(machine.uploads) - before
    assert sent.name == url.removeprefix("sonique-upload:")
    assert sent.read_bytes() == film.read_bytes()
    assert sent.stat().st_mode & 0o777 == 0o600
    assert not is_alive(machine.processes[0].pid)
