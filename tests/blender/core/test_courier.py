"""The courier: a process of its own, which ends with whoever started it, and whose death is one sentence."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sonique_blender.core.calls import AskMemory, Cancel, Connect, Submit
from sonique_blender.core.courier import Courier, NoCourier
from sonique_blender.core.gateway import Gone, Pending, Unusable
from sonique_blender.core.line import TOKEN_BYTES, Line
from sonique_blender.core.orders import Again, Wishes

UNREACHABLE = Connect('{"address": "127.0.0.1:1", "token": "none", "pid": 1, "version": "1", "contract": 1}')


@pytest.fixture
def courier() -> Iterator[Courier]:
    started = Courier()
    yield started
    started.close()


def became(what: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def gone(pid: int) -> bool:
    """Whether a process has ended; one of ours is buried, and of the others not every machine buries all."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def lost(courier: Courier) -> str:
    """What the courier's end is called, once it is noticed."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            courier.ask(AskMemory())
        except Pending:
            time.sleep(0.02)
        except Gone as error:
            return error.sentence
    raise AssertionError


def test_without_a_connection_the_daemon_is_gone_and_the_courier_stays(courier: Courier) -> None:
    for _ in range(2):
        with pytest.raises(Gone) as failed:
            courier.ask(AskMemory(), 60.0)
        assert failed.value.sentence == ""
    assert not courier.ended


def test_it_stands_behind_its_starter_in_one_session_and_apart_from_the_terminals_signals(courier: Courier) -> None:
    with pytest.raises(Gone):
        courier.ask(AskMemory(), 60.0)
    assert os.getsid(courier.pid) == os.getsid(0)
    assert os.getpgid(courier.pid) == courier.pid != os.getpgid(0)
    assert os.getpriority(os.PRIO_PROCESS, courier.pid) == min(19, os.nice(0) + 5)
    if hasattr(os, "sched_getscheduler"):
        assert os.sched_getscheduler(courier.pid) == os.SCHED_BATCH


def test_a_daemon_that_does_not_listen_is_gone(courier: Courier) -> None:
    with pytest.raises(Gone):
        courier.ask(UNREACHABLE, 60.0)
    assert not courier.ended


def test_one_that_is_killed_is_said_to_be_once_and_then_known(courier: Courier) -> None:
    with pytest.raises(Gone):
        courier.ask(AskMemory(), 60.0)
    os.kill(courier.pid, signal.SIGKILL)
    sentence = lost(courier)
    assert "process that speaks to the daemon for Blender stopped" in sentence
    assert "press Start" in sentence
    assert courier.ended
    assert courier.why_ended == sentence


def test_one_that_cannot_run_is_said_to_be_with_its_last_words() -> None:
    broken = Courier((sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit('no such library.')"))
    assert "did not start (no such library)" in lost(broken)
    with pytest.raises(NoCourier, match="No such file"):
        Courier(("/nowhere/python",))


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is the home of POSIX")
def test_one_can_be_started_where_there_is_no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    started = Courier()
    with pytest.raises(Gone):
        started.ask(AskMemory(), 60.0)
    assert not started.ended
    started.close()


def test_a_blender_that_names_itself_as_its_python_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/blender/blender")
    with pytest.raises(NoCourier, match="no Python program"):
        Courier()


def test_it_ends_once_it_is_hung_up_on() -> None:
    started = Courier()
    with pytest.raises(Gone):
        started.ask(AskMemory(), 60.0)
    started.close()
    assert became(lambda: gone(started.pid))
    assert started.ended


def test_it_ends_when_whoever_started_it_is_killed() -> None:
    script = """
import os, signal
from sonique_blender.core.calls import AskMemory
from sonique_blender.core.courier import Courier
from sonique_blender.core.gateway import Gone
courier = Courier()
try:
    courier.ask(AskMemory(), 60.0)
except Gone:
    print(courier.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert became(lambda: gone(int(done.stdout)))


def test_a_large_order_goes_out_a_part_at_each_look(courier: Courier) -> None:
    order = Submit("one", Again(b"x" * 20_000_000, Wishes()))
    looks, end = 0, time.monotonic() + 60
    while time.monotonic() < end:
        try:
            courier.ask(order)
        except Pending:
            looks += 1
            time.sleep(0.001)
        except Gone:
            break
    assert looks > 20_000_000 / 2**18
    assert not courier.ended


def test_what_nobody_asks_about_any_more_is_forgotten(courier: Courier) -> None:
    for number in range(3000):
        with pytest.raises((Pending, Gone)):
            courier.ask(Cancel(f"job-{number}"))
    assert len(courier._numbers) <= 1000
    assert became(lambda: len(courier._answers) <= 1000)


def test_a_stranger_without_the_token_is_told_nothing() -> None:
    line = Line()
    with socket.create_connection(("127.0.0.1", line.port)) as stranger:
        stranger.sendall(b"x" * TOKEN_BYTES)
        stranger.settimeout(60)
        assert became(lambda: line.exchange() == [] and not line.met)
        assert stranger.recv(100) == b""
    with socket.create_connection(("127.0.0.1", line.port)) as friend:
        friend.sendall(line.token)
        assert became(lambda: line.exchange() == [] and line.met)
        assert friend.recv(100) == line.reply
    line.close(0.0)


def test_a_courier_that_is_not_shown_the_reply_does_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code = (
            f"from sonique_blender.core.errands import serve; serve({listener.getsockname()[1]}, b'a' * 32, b'b' * 32)"
        )
        asked = subprocess.Popen([sys.executable, "-c", code])
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"c" * 32)
            assert asked.wait(60) == 0


def test_a_daemon_that_cannot_be_used_is_said_to_be(courier: Courier) -> None:
    with pytest.raises((Unusable, Gone)):
        courier.ask(Connect("{}"), 60.0)
