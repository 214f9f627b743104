"""Reflection: every method that a running daemon has, as the daemon itself tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a service.

    Attributes:
        path: what a call names it by ("/sonique.v1.Jobs/Get").
        request: type of its request.
        streams_in: whether the client sends many messages.
        streams_out: whether the daemon does.
    """

    path: str
    request: Descriptor
    streams_in: bool
    streams_out: bool

    @property
    def name(self) -> str:
        """Service and method without the package ("Jobs/Get")."""
        return self.path.rpartition(".")[2]

    def empty(self) -> Message:
        """A request with nothing in it."""
        return message_factory.GetMessageClass(self.request)()


def methods(channel: Any) -> tuple[Method, ...]:
    """All methods of all services behind ``channel``, which carries the token; by path."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    services = [
        service.name for answer in _ask(stub, list_services="") for service in answer.list_services_response.service
    ]
    pool = descriptor_pool.DescriptorPool()
    known: set[str] = set()
    for service in services:
        _learn(stub, pool, known, file_containing_symbol=service)
    found = [_method(method) for service in services for method in pool.FindServiceByName(service).methods]
    return tuple(sorted(found, key=lambda method: method.path))


def _ask(stub: Any, **asked: str) -> Iterator[Any]:
    yield from stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**asked)]), timeout=30)


def _learn(stub: Any, pool: descriptor_pool.DescriptorPool, known: set[str], **asked: str) -> None:
    """Adds a file and all that it imports to the pool, what is imported first."""
    for answer in _ask(stub, **asked):
        for data in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
            if file.name in known:
                continue
            known.add(file.name)
            for needed in file.dependency:
                _learn(stub, pool, known, file_by_filename=needed)
            pool.Add(file)


def _method(method: MethodDescriptor) -> Method:
    path = f"/{method.containing_service.full_name}/{method.name}"
    return Method(path, method.input_type, bool(method.client_streaming), bool(method.server_streaming))
