"""The Media service: takes in files from a client whose disk the daemon cannot see."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

from collections.abc import AsyncIterator

from sonique.v1 import media_pb2, media_pb2_grpc

from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.status import Context
from sonique_daemon.server.uploads import Piece, Uploads
from sonique_daemon.server.wire.fields import sha256

TARGET_URL = "sonique-upload:"


class Media(media_pb2_grpc.MediaServicer):
    """Takes in media files, addressed by their SHA-256."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

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
        return media_pb2.UploadResponse(target_url=f"{TARGET_URL}{digest}")


async def _pieces(first: media_pb2.UploadRequest, rest: AsyncIterator[media_pb2.UploadRequest]) -> AsyncIterator[Piece]:
    yield Piece(first.offset, first.data)
    async for message in rest:
        yield Piece(message.offset, message.data)
