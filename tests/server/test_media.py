import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import grpc
import pytest
from sonique.v1 import media_pb2, media_pb2_grpc
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.uploads import Piece, Uploads

FILE = bytes(range(251)) * 9_000
DIGEST = sha256(FILE).hexdigest()
PIECE = 2**20


class Served(Protocol):
    """What these tests use of the server fixture."""

    store: Path


@pytest.fixture
def media(channel: grpc.Channel) -> media_pb2_grpc.MediaStub:
    return media_pb2_grpc.MediaStub(channel)


def pieces(
    data: bytes = FILE, start: int = 0, stop: int | None = None, digest: str = DIGEST
) -> Iterator[media_pb2.UploadRequest]:
    end = len(data) if stop is None else stop
    for offset in range(start, end, PIECE):
        chunk = data[offset : min(offset + PIECE, end)]
        yield media_pb2.UploadRequest(sha256=digest, size=len(data), offset=offset, data=chunk)


def refusal(call: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    code: grpc.StatusCode = caught.value.code()
    return code


def status(media: media_pb2_grpc.MediaStub) -> tuple[int, bool]:
    answer = media.Status(media_pb2.StatusRequest(sha256=DIGEST))
    return answer.received, answer.complete


def test_an_upload_becomes_a_file_named_by_its_digest(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    assert status(media) == (0, False)
    assert media.Upload(pieces()).target_url == f"sonique-upload:{DIGEST}"
    assert status(media) == (len(FILE), True)
    assert (served.store / "uploads" / DIGEST).read_bytes() == FILE


def test_an_upload_that_broke_off_goes_on_where_it_broke(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    assert refusal(lambda: media.Upload(pieces(stop=PIECE))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (PIECE, False)
    media.Upload(pieces(start=PIECE))
    assert (served.store / "uploads" / DIGEST).read_bytes() == FILE


def test_an_upload_that_is_there_already_is_taken_at_once(media: media_pb2_grpc.MediaStub) -> None:
    media.Upload(pieces())
    assert media.Upload(pieces(start=PIECE)).target_url == f"sonique-upload:{DIGEST}"


def test_a_wrong_digest_leaves_nothing_behind(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    wrong = FILE[:-1] + b"\0"
    assert refusal(lambda: media.Upload(pieces(wrong))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (0, False)
    assert not any((served.store / "uploads").iterdir())


def test_a_wrong_offset_keeps_nothing_of_that_call(media: media_pb2_grpc.MediaStub) -> None:
    refusal(lambda: media.Upload(pieces(stop=PIECE)))
    skipping = [*pieces(start=PIECE, stop=PIECE + 10), next(pieces(start=PIECE + 20))]
    assert refusal(lambda: media.Upload(iter(skipping))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (PIECE, False)


def test_bytes_beyond_the_announced_size_keep_nothing_of_that_call(media: media_pb2_grpc.MediaStub) -> None:
    too_much = [media_pb2.UploadRequest(sha256=DIGEST, size=10, data=FILE[:20])]
    assert refusal(lambda: media.Upload(iter(too_much))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (0, False)


@pytest.mark.parametrize(
    "first",
    [
        media_pb2.UploadRequest(sha256="../../etc", size=10, data=b"x"),
        media_pb2.UploadRequest(sha256=DIGEST.upper(), size=10, data=b"x"),
        media_pb2.UploadRequest(sha256=DIGEST, size=0, data=b"x"),
        media_pb2.UploadRequest(sha256=DIGEST, size=-5, data=b"x"),
        media_pb2.UploadRequest(sha256=DIGEST, size=64 * 2**30 + 1, data=b"x"),
        media_pb2.UploadRequest(sha256=DIGEST, size=3 * 2**20, data=bytes(2**20 + 1)),
    ],
)
def test_what_cannot_be_an_upload_is_refused(
    served: Served, media: media_pb2_grpc.MediaStub, first: media_pb2.UploadRequest
) -> None:
    assert refusal(lambda: media.Upload(iter([first]))) is grpc.StatusCode.INVALID_ARGUMENT
    folder = served.store / "uploads"
    assert not folder.exists() or all(path.stat().st_size == 0 for path in folder.iterdir())


def test_an_upload_without_a_message_is_refused(media: media_pb2_grpc.MediaStub) -> None:
    assert refusal(lambda: media.Upload(iter(()))) is grpc.StatusCode.INVALID_ARGUMENT


def test_an_upload_is_closed_to_others(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    media.Upload(pieces())
    assert (served.store / "uploads" / DIGEST).stat().st_mode & 0o777 == 0o600


def test_a_size_smaller_than_what_is_there_changes_nothing(media: media_pb2_grpc.MediaStub) -> None:
    refusal(lambda: media.Upload(pieces(stop=PIECE)))
    lie = media_pb2.UploadRequest(sha256=DIGEST, size=10, offset=PIECE, data=b"")
    assert refusal(lambda: media.Upload(iter([lie]))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (PIECE, False)
    media.Upload(pieces(start=PIECE))


def test_another_size_of_a_file_that_is_there_is_refused(media: media_pb2_grpc.MediaStub) -> None:
    media.Upload(pieces())
    lie = media_pb2.UploadRequest(sha256=DIGEST, size=len(FILE) + 1, offset=0, data=b"x")
    assert refusal(lambda: media.Upload(iter([lie]))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (len(FILE), True)


def test_asking_after_a_file_is_a_use_of_it_and_no_change(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    media.Upload(pieces())
    path = served.store / "uploads" / DIGEST
    os.utime(path, (1_000, 2_000))
    status(media)
    assert path.stat().st_mtime == 2_000
    assert path.stat().st_atime > 1_000_000


def test_a_full_disk_is_told_and_what_came_before_it_is_kept(
    media: media_pb2_grpc.MediaStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, room = os.write, [PIECE + 1000]

    def write(descriptor: int, data: memoryview) -> int:
        if not isinstance(data, memoryview):  # not an upload's
            return real(descriptor, data)
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr("sonique_daemon.server.uploads.os.write", write)
    with pytest.raises(grpc.RpcError) as caught:
        media.Upload(pieces())
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "make room" in str(caught.value.details())
    monkeypatch.undo()
    assert status(media) == (PIECE + 1000, False)
    media.Upload(pieces(start=PIECE + 1000))
    assert status(media) == (len(FILE), True)


def test_a_file_larger_than_the_disk_is_refused_before_it_comes(
    media: media_pb2_grpc.MediaStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonique_daemon.server.uploads.shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(grpc.RpcError) as caught:
        media.Upload(pieces())
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert status(media) == (0, False)


def test_damage_on_the_disk_is_found_and_the_file_is_sent_anew(served: Served, media: media_pb2_grpc.MediaStub) -> None:
    refusal(lambda: media.Upload(pieces(stop=PIECE)))
    with (served.store / "uploads" / f"{DIGEST}.part").open("r+b") as part:
        part.write(bytes(100))
    assert refusal(lambda: media.Upload(pieces(start=PIECE))) is grpc.StatusCode.INVALID_ARGUMENT
    assert status(media) == (0, False)
    media.Upload(pieces())


def test_a_client_that_falls_silent_makes_way_for_another(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", pause_limit=0.05)
    digest = sha256(b"ab").hexdigest()

    async def silent() -> AsyncIterator[Piece]:
        yield Piece(0, b"a")
        await asyncio.sleep(3600)

    async def going_on() -> AsyncIterator[Piece]:
        yield Piece(1, b"b")

    async def both() -> tuple[BaseException | None, ...]:
        first = asyncio.ensure_future(uploads.take(digest, 2, silent()))
        await asyncio.sleep(0)
        return tuple(await asyncio.gather(first, uploads.take(digest, 2, going_on()), return_exceptions=True))

    quiet, well = asyncio.run(both())
    assert isinstance(quiet, InvalidRequest)
    assert "byte 1 of 2" in quiet.sentence
    assert well is None
    assert (tmp_path / "uploads" / digest).read_bytes() == b"ab"


def test_an_upload_whose_call_is_cancelled_keeps_what_came(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    digest = sha256(b"ab").hexdigest()
    waits = asyncio.Event()

    async def slow() -> AsyncIterator[Piece]:
        yield Piece(0, b"a")
        waits.set()
        await asyncio.sleep(3600)

    async def cancelled() -> None:
        taking = asyncio.ensure_future(uploads.take(digest, 2, slow()))
        await waits.wait()
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking

    asyncio.run(cancelled())
    assert uploads.received(digest) == (1, False)
