"""The Takes service: hands out the files of takes."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import AsyncIterator
from io import BufferedIOBase, FileIO

from sonique.v1 import takes_pb2, takes_pb2_grpc

from sonique_daemon.domain.take import TakeFile
from sonique_daemon.errors import InvalidRequest, TakeNotFound
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.fields import limited, sendable, take_id
from sonique_daemon.server.wire.take import read_format

CHUNK_BYTES = 2**18
_NAME_LIMIT = 100


class Takes(takes_pb2_grpc.TakesServicer):
    """Reads and locates files of the store, found in the index of takes and never by a path that a client names."""

    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs

    async def Read(self, request: takes_pb2.ReadRequest, context: Context) -> AsyncIterator[takes_pb2.ReadResponse]:
        """Streams one file from a byte offset on."""
        file = await self._file(request)
        if not 0 <= request.offset <= file.size:
            raise InvalidRequest(f"The offset {request.offset} lies outside the file, which has {file.size} bytes.")
        async for offset, data in _chunks(file, request.offset):
            yield takes_pb2.ReadResponse(offset=offset, data=data)

    async def Locate(self, request: takes_pb2.LocateRequest, context: Context) -> takes_pb2.LocateResponse:
        """The path of the finished file."""
        file = await self._file(request)
        return takes_pb2.LocateResponse(path=sendable(str(file.path)), size=file.size, sha256=file.sha256)

    async def _file(self, request: takes_pb2.ReadRequest | takes_pb2.LocateRequest) -> TakeFile:
        name = limited(request.stem, "stem", _NAME_LIMIT) or "mix"
        return await self._jobs.take_file(take_id(request.take_id), name, read_format(request.format))


async def _chunks(file: TakeFile, start: int) -> AsyncIterator[tuple[int, bytes]]:
    """The file's pieces. The next one is read while one is on its way, and none beyond it: a client that reads slowly
    costs two pieces of memory and no thread.
    """
    source = await _opened(file)
    with source:
        source.seek(start)
        coming = _reading(source)
        try:
            while start < file.size:
                data = await asyncio.shield(coming)
                if not data:
                    raise TakeNotFound(f"The file of “{file.name}” in the store was cut short; score again.")
                coming = _reading(source)
                yield start, data
                start += len(data)
        finally:
            await asyncio.wait([coming])  # the file must not be closed under the thread that reads it


def _reading(source: BufferedIOBase | FileIO) -> "asyncio.Future[bytes]":
    return asyncio.ensure_future(asyncio.to_thread(_piece, source))


def _piece(source: BufferedIOBase | FileIO) -> bytes:
    return source.read(CHUNK_BYTES) or b""


async def _opened(file: TakeFile) -> FileIO:
    try:
        return await asyncio.to_thread(FileIO, file.path, "rb")
    except OSError as error:
        raise TakeNotFound(
            f"The file of “{file.name}” is gone from the store ({error.strerror}); score again."
        ) from None
