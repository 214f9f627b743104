"""The Media service: finds a client's files, and takes in those that the daemon cannot see."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import AsyncIterator

from sonique.v1 import media_pb2, media_pb2_grpc

from sonique_daemon.domain.upload import SCHEME
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.sight import Wanted, sees
from sonique_daemon.server.status import Context
from sonique_daemon.server.uploads import Piece, Uploads
from sonique_daemon.server.wire.fields import limited, present, sha256
from sonique_daemon.timeline.roots import Roots

_PATH_LIMIT = 4096
_LOOKS = 4
"""Files that are looked for at a time; a disk that does not answer holds no more threads than these."""


class Media(media_pb2_grpc.MediaServicer):
    """Finds media files, and takes them in, addressed by their SHA-256.

    Args:
        uploads: where they go.
        roots: where media may be opened.
    """

    def __init__(self, uploads: Uploads, roots: Roots) -> None:
        self._uploads, self._roots = uploads, roots
        self._turn = asyncio.Semaphore(_LOOKS)

    async def Find(self, request: media_pb2.FindRequest, context: Context) -> media_pb2.FindResponse:
        """Whether the daemon sees that very file."""
        present(bool(request.path), "path")
        path = limited(request.path, "path", _PATH_LIMIT)
        wanted = Wanted(path, request.size, sha256(request.head_sha256))
        async with self._turn:
            return media_pb2.FindResponse(found=await asyncio.to_thread(sees, self._roots, wanted))

    async def Status(self, request: media_pb2.StatusRequest, context: Context) -> media_pb2.StatusResponse:
        """How much of an upload is there."""
        received, complete = self._uploads.received(sha256(request.sha256))
        return media_pb2.StatusResponse(received=received, complete=complete)

    async def Upload(
        self, request_iterator: AsyncIterator[media_pb2.UploadRequest], context: Context
    ) -> media_pb2.UploadResponse:
        """Takes in one file."""
        first = await anext(aiter(request_iterator), None)
        if first is None:
            raise InvalidRequest("The upload is empty; its first message names the file and its size.")
        digest = sha256(first.sha256)
        await self._uploads.take(digest, first.size, _pieces(first, request_iterator))
        return media_pb2.UploadResponse(target_url=f"{SCHEME}{digest}")


async def _pieces(first: media_pb2.UploadRequest, rest: AsyncIterator[media_pb2.UploadRequest]) -> AsyncIterator[Piece]:
    yield Piece(first.offset, first.data)
    async for message in rest:
        yield Piece(message.offset, message.data)
