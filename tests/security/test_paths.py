"""Paths: what a timeline names is opened only where it is a regular file in an allowed folder, and nothing else is."""

import base64
import itertools
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest
from sonique.v1 import events_pb2, media_pb2, scoring_pb2, timeline_pb2

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home
from bench.faults.witness import Listener, Watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches of Linux, and its special files")


class Secured(Protocol):
    """What these tests use of the fixture."""

    here: Home
    caller: Caller
    film: Path


REFUSED = {"PATH_REFUSED", "MEDIA_NOT_FOUND", "MEDIA_UNREADABLE", "NOTHING_TO_SEE", "INVALID_REQUEST"}

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A PNG of one pixel."""

_numbers = itertools.count()


@dataclass(frozen=True)
class Ground:
    """A folder that a timeline may use, and one outside of it that nobody may read.

    Attributes:
        inside: holds a good film, and links, pipes and sockets.
        outside: holds a film and a secret.
        address: where somebody listens.
        watch: of what is read outside.
        listener: counts who calls.
    """

    inside: Path
    outside: Path
    address: str
    watch: Watch
    listener: Listener


@pytest.fixture
def ground(tmp_path: Path, secured: Secured) -> Iterator[Ground]:
    """The two folders."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    good = secured.film.read_bytes()
    (inside / "good.mp4").write_bytes(good)
    (outside / "film.mp4").write_bytes(good)
    (outside / "secret.txt").write_text("secret")
    (inside / "link.mp4").symlink_to(outside / "film.mp4")
    (inside / "folder").symlink_to(outside)
    (inside / "chain.mp4").symlink_to(inside / "link.mp4")
    (inside / "device.mp4").symlink_to("/dev/zero")
    (inside / "process.mp4").symlink_to("/proc/self/environ")
    os.mkfifo(inside / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as end, Listener() as listener, Watch([outside]) as watch:
        with chdir(inside):  # for the name may be no longer
            end.bind("socket.mp4")
        yield Ground(inside, outside, listener.address, watch, listener)


TARGETS = (
    "{out}/film.mp4",
    "file://{out}/film.mp4",
    "file://localhost{out}/film.mp4",
    "file://127.0.0.1{out}/film.mp4",
    "../out/film.mp4",
    "{in}/../out/film.mp4",
    "file://{in}/../out/film.mp4",
    "file://{in}/%2e%2e/out/film.mp4",
    "x/../../out/film.mp4",
    "..\\out\\film.mp4",
    "{in}/link.mp4",
    "link.mp4",
    "{in}/chain.mp4",
    "{in}/folder/film.mp4",
    "folder/film.mp4",
    "{in}/device.mp4",
    "{in}/process.mp4",
    "{in}/pipe.mp4",
    "{in}/socket.mp4",
    "{in}",
    "/dev/zero",
    "/dev/stdin",
    "/dev/fd/0",
    "/proc/self/environ",
    "/proc/self/root{out}/film.mp4",
    "/proc/self/cwd",
    "/sys/kernel/notes",
    "/etc/passwd",
    "//server/share/film.mp4",
    "//localhost{out}/film.mp4",
    "//{out}/film.mp4",
    "\\\\server\\share\\film.mp4",
    "file://server{out}/film.mp4",
    "file:////server/share/film.mp4",
    "\\\\?\\C:\\film.mp4",
    "http://{address}/film.mp4",
    "https://{address}/film.mp4",
    "HTTP://{address}/film.mp4",
    "rtsp://{address}/film",
    "tcp://{address}",
    "udp://{address}",
    "ftp://{address}/film.mp4",
    "smb://{address}/film.mp4",
    "concat:{out}/film.mp4",
    "concat:{in}/good.mp4|{out}/secret.txt",
    "concat://{out}/film.mp4",
    "subfile,,start,0,end,0,,:{out}/film.mp4",
    "subfile:{out}/film.mp4",
    "hls+file://{out}/film.mp4",
    "hls+http://{address}/x",
    "crypto:{out}/film.mp4",
    "cache:{out}/film.mp4",
    "async:file:{out}/film.mp4",
    "data:video/mp4;base64,AAAA",
    "data:,{out}/film.mp4",
    "pipe:0",
    "pipe:",
    "fd:0",
    "unix:{in}/socket.mp4",
    "lavfi:testsrc",
    "movie={out}/film.mp4",
    "@{out}/film.mp4",
    "file:file:{out}/film.mp4",
    "sonique-upload:../../../etc/passwd",
    "sonique-upload:" + "0" * 64,
    "~/film.mp4",
    "$HOME/film.mp4",
    "good.mp4\x00.txt",
    "{in}/good.mp4/../../out/film.mp4",
    "a" * 5000,
    "",
)


def described(secured: Secured, timeline: timeline_pb2.Timeline) -> events_pb2.JobEvent:
    """The last event of a job that looks at ``timeline``."""
    request = scoring_pb2.DescribeRequest(job_id=f"paths-{next(_numbers)}", timeline=timeline)
    return secured.caller.run(request)[-1]


def filled(text: str, ground: Ground) -> str:
    for name, value in (("{in}", ground.inside), ("{out}", ground.outside), ("{address}", ground.address)):
        text = text.replace(name, str(value))
    return text


def test_a_film_in_the_timelines_folder_is_opened(secured: Secured, ground: Ground) -> None:
    timeline = timeline_pb2.Timeline(otio_json=asks.otio([asks.clip("good.mp4")]), folder=str(ground.inside))
    assert kind(described(secured, timeline)) == "done"


def test_a_link_within_the_timelines_folder_is_followed(secured: Secured, ground: Ground) -> None:
    (ground.inside / "near.mp4").symlink_to(ground.inside / "good.mp4")
    timeline = timeline_pb2.Timeline(otio_json=asks.otio([asks.clip("near.mp4")]), folder=str(ground.inside))
    assert kind(described(secured, timeline)) == "done"


def test_no_target_url_reaches_outside_of_the_allowed_folders(secured: Secured, ground: Ground) -> None:
    for target in TARGETS:
        text = filled(target, ground)
        timeline = timeline_pb2.Timeline(otio_json=asks.otio([asks.clip(text)]), folder=str(ground.inside))
        end = described(secured, timeline)
        assert kind(end) == "failed", target
        assert end.failed.code in REFUSED, (target, end.failed)
        assert "secret" not in end.failed.sentence.replace("secret.txt", "")
    assert ground.watch.touched() == set()
    assert ground.listener.visits == 0


@pytest.mark.parametrize(
    "folder",
    [
        "/proc",
        "/proc/self",
        "/sys",
        "/dev",
        "/dev/fd",
        "//server/share",
        "http://{address}/",
        "..",
        ".",
        "in",
        "\x00",
    ],
)
@pytest.mark.parametrize("place", ["folder", "media_roots"])
def test_no_folder_makes_system_files_and_addresses_media(
    secured: Secured, ground: Ground, folder: str, place: str
) -> None:
    named = filled(folder, ground)
    clips = [asks.clip(name) for name in ("zero", "environ", "self/environ", "film.mp4", "null")]
    timeline = timeline_pb2.Timeline(otio_json=asks.otio(clips))
    if place == "folder":
        timeline.folder = named
    else:
        timeline.media_roots.append(named)
    try:
        end = described(secured, timeline)
    except Exception as error:  # noqa: BLE001 - refused at the edge
        assert "INVALID_ARGUMENT" in str(error)  # noqa: PT017 - either way will do
    else:
        assert kind(end) == "failed"
        assert end.failed.code in REFUSED, end.failed
    assert ground.watch.touched() == set()
    assert ground.listener.visits == 0


def test_a_search_by_name_in_the_media_roots_follows_no_link_out_of_them(secured: Secured, ground: Ground) -> None:
    (ground.inside / "lost.mp4").symlink_to(ground.outside / "film.mp4")
    timeline = timeline_pb2.Timeline(otio_json=asks.otio([asks.clip("/gone/lost.mp4")]))
    timeline.media_roots.append(str(ground.inside))
    end = described(secured, timeline)
    assert end.failed.code in {"PATH_REFUSED", "MEDIA_NOT_FOUND"}
    assert ground.watch.touched() - {"film.mp4"} == set()
    assert "film.mp4" not in ground.watch.touched()


def sequence(base: str) -> str:
    """OTIO of an image sequence whose first image is ``x0001.png`` in ``base``."""
    document = json.loads(asks.otio([asks.clip("x")]))
    document["tracks"]["children"][0]["children"][0]["media_reference"] = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": base,
        "name_prefix": "x",
        "name_suffix": ".png",
        "start_frame": 1,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
    }
    return json.dumps(document)


def test_an_image_sequence_in_the_timelines_folder_is_opened(secured: Secured, ground: Ground) -> None:
    (ground.inside / "x0001.png").write_bytes(base64.b64decode(PIXEL))
    timeline = timeline_pb2.Timeline(otio_json=sequence(str(ground.inside)), folder=str(ground.inside))
    end = described(secured, timeline)
    assert kind(end) == "done", end


@pytest.mark.parametrize(
    "base", ["{out}", "../out", "{in}/folder", "file://{out}", "http://{address}", "/dev", "/proc"]
)
def test_no_image_sequence_reaches_outside_of_the_allowed_folders(secured: Secured, ground: Ground, base: str) -> None:
    (ground.outside / "x0001.png").write_bytes(base64.b64decode(PIXEL))
    ground.watch.touched()
    end = described(secured, timeline_pb2.Timeline(otio_json=sequence(filled(base, ground)), folder=str(ground.inside)))
    assert end.failed.code in REFUSED
    assert ground.watch.touched() - {"out"} == set()


def test_find_tells_nothing_of_files_that_may_not_be_opened(secured: Secured, ground: Ground) -> None:
    film = secured.film.read_bytes()
    head = sha256(film[: 64 * 2**10]).hexdigest()
    for target in (*(filled(target, ground) for target in TARGETS), str(ground.outside / "film.mp4")):
        if not target or "\x00" in target or len(target) > 4096:
            continue
        asked = media_pb2.FindRequest(path=target, size=len(film), head_sha256=head)
        try:
            answer = secured.caller.media.Find(asked, timeout=60)
        except Exception as error:  # noqa: BLE001 - refused at the edge
            assert "INVALID_ARGUMENT" in str(error)  # noqa: PT017 - either way will do
        else:
            assert not answer.found, target
    assert ground.watch.touched() == set()
