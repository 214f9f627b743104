"""A daemon that other machines may use."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import grpc
import pytest
import trustme
from sonique.runtime_file import RuntimeFile
from sonique.v1 import daemon_pb2, daemon_pb2_grpc
from sonique_client.connection import connect

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - it opens nothing


class Home(Protocol):
    """What these tests use of the fixture."""

    folder: Path

    @property
    def runtime(self) -> Path: ...
    def spawn(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]": ...
    def start(self, *arguments: str) -> tuple["subprocess.Popen[str]", RuntimeFile]: ...
    def stop(self, process: "subprocess.Popen[str]") -> int: ...


@dataclass(frozen=True)
class Papers:
    """Certificate, key and token as flags, and who vouches for them."""

    flags: tuple[str, ...]
    authority: bytes


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    for name, data in (("cert", chain), ("key", issued.private_key_pem.bytes()), ("token", TOKEN.encode() + b"\n")):
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o600)
    flags = ("--tls-cert", tmp_path / "cert", "--tls-key", tmp_path / "key", "--token-file", tmp_path / "token")
    return Papers(tuple(map(str, flags)), authority.cert_pem.bytes())


@pytest.fixture
def remote(home: Home, papers: Papers) -> Iterator[str]:
    process, runtime = home.start(*papers.flags, "--log-level", "debug")
    yield runtime.remote
    assert home.stop(process) == 0


def version(channel: grpc.Channel, token: str) -> str:
    request = daemon_pb2.InfoRequest()
    metadata = (("authorization", f"Bearer {token}"),)
    return daemon_pb2_grpc.DaemonStub(channel).Info(request, metadata=metadata, timeout=60).version


def refusal(channel: grpc.Channel, token: str) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        version(channel, token)
    code: grpc.StatusCode = caught.value.code()
    return code


def test_another_machine_is_served_with_certificate_and_token(remote: str, papers: Papers) -> None:
    with grpc.secure_channel(remote, grpc.ssl_channel_credentials(papers.authority)) as channel:
        assert version(channel, TOKEN)
        assert refusal(channel, TOKEN[:-1]) is grpc.StatusCode.UNAUTHENTICATED


def test_nobody_is_served_there_in_the_clear(remote: str) -> None:
    with grpc.insecure_channel(remote) as channel:
        assert refusal(channel, TOKEN) is grpc.StatusCode.UNAVAILABLE


def test_clients_of_this_machine_go_on_as_ever(remote: str) -> None:
    with connect(start=None) as connection:
        assert connection.runtime.address not in {"", remote}
        assert connection.runtime.token != TOKEN
        assert connection.info.version


def test_the_chosen_token_is_in_no_log_and_in_no_other_file(home: Home, papers: Papers) -> None:
    process, runtime = home.start(*papers.flags, "--log-level", "debug")
    with grpc.secure_channel(runtime.remote, grpc.ssl_channel_credentials(papers.authority)) as channel:
        refusal(channel, TOKEN + "x")
        version(channel, TOKEN)
    home.stop(process)
    said = "".join(process.communicate())
    assert TOKEN not in said
    assert not [path for path in home.folder.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_certificate_that_is_none_is_told_in_one_sentence(home: Home, papers: Papers, tmp_path: Path) -> None:
    (tmp_path / "cert").write_text("nonsense")
    process = home.spawn(*papers.flags)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "no certificate and its key" in said
    assert len(said.strip().splitlines()) == 1
