"""Two users on one machine do not reach each other's daemon."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home, home

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can act as another user"
)

NOBODY = 65_534

PROGRAM = """
import os, sys, socket
import grpc
from sonique.v1 import daemon_pb2, daemon_pb2_grpc
runtime, address, store = sys.argv[1:]
grpc.insecure_channel("127.0.0.1:1").close()
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})

def attempt(name, work):
    try:
        work()
    except Exception as error:
        print(name, type(error).__name__, getattr(error, "code", lambda: "")())
    else:
        print(name, "REACHED")

def call(metadata):
    with grpc.insecure_channel(address) as channel:
        daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest(), metadata=metadata, timeout=280)

def connect():
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(os.path.join(runtime, "daemon.sock"))

attempt("runtime-file", lambda: open(os.path.join(runtime, "daemon.json")).read())
attempt("runtime-folder", lambda: os.listdir(runtime))
attempt("socket", connect)
attempt("store", lambda: os.listdir(store))
attempt("database", lambda: open(os.path.join(store, "sonique.db"), "rb").read())
attempt("call", lambda: call(()))
attempt("guess", lambda: call((("authorization", "Bearer guess"),)))
"""


class Secured(Protocol):
    """What these tests use of the fixture."""

    here: Home
    caller: Caller
    film: Path


def opened_way(folder: Path) -> None:
    """Lets everybody pass through the folders above, so that what stops them is the daemon's own doing."""
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)


def test_another_user_reaches_neither_file_nor_socket_nor_store_nor_port(secured: Secured) -> None:
    opened_way(secured.here.folder)
    program = PROGRAM.replace("{nobody}", str(NOBODY))
    runtime, store = str(secured.here.runtime), str(secured.here.store)
    done = subprocess.run(
        [sys.executable, "-c", program, runtime, secured.caller.runtime.address, store],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert set(found) == {"runtime-file", "runtime-folder", "socket", "store", "database", "call", "guess"}, done.stderr
    for name in ("runtime-file", "runtime-folder", "socket", "store", "database"):
        assert "PermissionError" in found[name], (name, found[name])
    for name in ("call", "guess"):
        assert "UNAUTHENTICATED" in found[name], (name, found[name])


def test_a_runtime_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    here = Home(tmp_path)
    here.runtime.mkdir()
    os.chown(here.runtime, NOBODY, NOBODY)
    assert here.spawn().wait(60) == 1
    assert "another user's" in here.said()


def test_a_runtime_file_that_another_user_left_is_replaced_and_not_written_into(tmp_path: Path) -> None:
    trap = tmp_path / "trap.json"
    trap.write_text("trap")
    trap.chmod(0o666)
    with home(tmp_path / "d") as here:
        here.runtime.mkdir(mode=0o700)
        (here.runtime / "daemon.json").symlink_to(trap)
        with Caller(here.start()) as caller:
            assert kind(caller.run(asks.tag("a"))[-1]) == "done"
        assert not (here.runtime / "daemon.json").is_symlink()
    assert trap.read_text() == "trap"
