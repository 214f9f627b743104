"""Exposure: a daemon serves others only where it was told so with certificate, key and token; and its side doors."""

import http.client
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import trustme
from sonique.runtime_file import RuntimeFile
from sonique.v1 import daemon_pb2, daemon_pb2_grpc

from bench.faults.calls import OPTIONS, code
from bench.faults.home import PATIENT, Home, end

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders of POSIX")

OTHERS = ("0.0.0.0", "::", "192.0.2.7", "10.0.0.1")  # noqa: S104 - refused
TOKEN = "a-token-that-was-chosen-with-great-care-000"  # noqa: S105 - of a test


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Certificate, key, token and authority, as files."""
    folder = tmp_path_factory.mktemp("papers")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    paths = {name: folder / name for name in ("cert", "key", "token", "authority")}
    issued.cert_chain_pems[0].write_to_path(str(paths["cert"]))
    issued.private_key_pem.write_to_path(str(paths["key"]))
    authority.cert_pem.write_to_path(str(paths["authority"]))
    paths["token"].write_text(TOKEN)
    for path in paths.values():
        path.chmod(0o600)
    return paths


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[Home, RuntimeFile]]:
    here = Home(folder, (*PATIENT, *options))
    try:
        yield here, here.start()
    finally:
        end(here)


@pytest.mark.parametrize("host", [*OTHERS, "localhost", "example.org"])
def test_another_address_without_certificate_key_and_token_does_not_start(tmp_path: Path, host: str) -> None:
    here = Home(tmp_path, (*PATIENT, "--host", host))
    assert here.spawn().wait(60) == 2
    assert here.told() is None
    assert len(here.said().strip().splitlines()) == 1


@pytest.mark.parametrize("left_out", ["cert", "key", "token"])
def test_none_of_the_three_can_be_left_out(tmp_path: Path, papers: dict[str, Path], left_out: str) -> None:
    flags = {"cert": "--tls-cert", "key": "--tls-key", "token": "--token-file"}
    given = [part for name, flag in flags.items() if name != left_out for part in (flag, str(papers[name]))]
    here = Home(tmp_path, (*PATIENT, "--host", "0.0.0.0", *given))  # noqa: S104 - refused
    assert here.spawn().wait(60) == 2
    assert flags[left_out] in here.said()


@pytest.mark.parametrize("weakness", ["short", "readable", "empty", "spaced"])
def test_a_weak_token_does_not_start(tmp_path: Path, papers: dict[str, Path], weakness: str) -> None:
    weak = tmp_path / "weak"
    weak.write_text({"short": "a" * 12, "empty": "", "spaced": "a b " * 20}.get(weakness, TOKEN))
    weak.chmod(0o644 if weakness == "readable" else 0o600)
    given = ("--tls-cert", str(papers["cert"]), "--tls-key", str(papers["key"]), "--token-file", str(weak))
    here = Home(tmp_path, (*PATIENT, "--host", "0.0.0.0", *given))  # noqa: S104 - refused
    assert here.spawn().wait(60) == 2
    assert TOKEN not in here.said()


def test_with_all_three_others_are_served_with_tls_and_that_token_alone(
    tmp_path: Path, papers: dict[str, Path]
) -> None:
    given = ("--tls-cert", str(papers["cert"]), "--tls-key", str(papers["key"]), "--token-file", str(papers["token"]))
    with running(tmp_path, "--host", "0.0.0.0", *given) as (here, told):  # noqa: S104 - on purpose
        port = told.remote.rpartition(":")[2]
        trusted = grpc.ssl_channel_credentials(papers["authority"].read_bytes())
        for said, wanted in (
            (TOKEN, grpc.StatusCode.OK),
            ("", grpc.StatusCode.UNAUTHENTICATED),
            (TOKEN + "x", grpc.StatusCode.UNAUTHENTICATED),
        ):
            with grpc.secure_channel(f"localhost:{port}", trusted, options=OPTIONS) as channel:
                assert asked(channel, said) is wanted
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS) as channel:
            assert asked(channel, TOKEN) is grpc.StatusCode.UNAVAILABLE
        assert TOKEN not in here.logged() + here.said()
        assert told.address.startswith("127.0.0.1:")


def test_the_token_for_others_is_not_the_one_of_this_machine(tmp_path: Path, papers: dict[str, Path]) -> None:
    given = ("--tls-cert", str(papers["cert"]), "--tls-key", str(papers["key"]), "--token-file", str(papers["token"]))
    with running(tmp_path, "--host", "127.0.0.1", *given) as (_, told), grpc.insecure_channel(told.address) as channel:
        assert told.token != TOKEN or asked(channel, TOKEN) is grpc.StatusCode.OK
        assert asked(channel, told.token) is grpc.StatusCode.OK


def asked(channel: grpc.Channel, token: str) -> grpc.StatusCode:
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    try:
        daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest(), metadata=metadata, timeout=60)
    except grpc.RpcError as error:
        return code(error)
    return grpc.StatusCode.OK


def free_port() -> int:
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        return int(end.getsockname()[1])


def test_the_metrics_answer_only_those_who_ask_by_their_own_address(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "--metrics-port", str(port)) as (_, told):
        good = (f"127.0.0.1:{port}", f"localhost:{port}")
        evil = (
            "evil.example",
            f"evil.example:{port}",
            "127.0.0.1",
            f"127.0.0.1:{port}.evil.example",
            "",
            f"x@127.0.0.1:{port}",
        )
        for host in good:
            status, body = get(port, "/metrics", host)
            assert (status, b"sonique_" in body) == (200, True)
            assert told.token.encode() not in body
        for host in evil:
            status, body = get(port, "/metrics", host)
            assert status in {400, 403}, host
            assert b"sonique_" not in body
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            status, body = get(port, "/metrics", good[0], method)
            assert status in {400, 405, 501}
        assert get(port, "/../../etc/passwd", good[0])[0] == 404
        assert not reachable_from_outside(port)


def test_there_are_no_metrics_unless_they_are_asked_for(tmp_path: Path) -> None:
    with running(tmp_path) as (here, told):
        import psutil

        ports = {
            connection.laddr.port
            for connection in psutil.Process(told.pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert ports == {int(told.address.rpartition(":")[2])}
        assert here.process is not None


def get(port: int, path: str, host: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def reachable_from_outside(port: int) -> bool:
    """Whether the port answers on another address than loopback's, where this machine has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        try:
            end.connect(("192.0.2.1", 9))
            own = end.getsockname()[0]
        except OSError:
            return False
    if own.startswith("127."):
        return False
    with socket.socket() as end:
        end.settimeout(2)
        return end.connect_ex((own, port)) == 0
