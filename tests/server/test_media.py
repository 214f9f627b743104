from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import grpc
import pytest
from sonique.v1 import media_pb2, media_pb2_grpc

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
