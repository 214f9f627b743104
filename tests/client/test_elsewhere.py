"""A daemon elsewhere: named by the environment, behind TLS, never started, and every way in which that can fail."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import trustme
from sonique.v1 import daemon_pb2, daemon_pb2_grpc
from sonique_client.connection import connect
from sonique_client.elsewhere import named_daemon
from sonique_client.errors import CallFailed, DaemonUnreachable, DaemonVersion

TOKEN = "a-token-that-a-person-chose-for-it"  # noqa: S105 - it opens nothing


class Info(daemon_pb2_grpc.DaemonServicer):
    """A daemon that answers who it is, and knows one token."""

    contract = 1

    def Info(self, request: daemon_pb2.InfoRequest, context: grpc.ServicerContext) -> daemon_pb2.InfoResponse:  # noqa: ARG002, N802
        if ("authorization", f"Bearer {TOKEN}") not in context.invocation_metadata():
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "The call carried no valid token.")
        return daemon_pb2.InfoResponse(version="9.9", contract=self.contract, pid=7)

    def Shutdown(self, request: object, context: object) -> daemon_pb2.ShutdownResponse:  # noqa: ARG002, N802
        return daemon_pb2.ShutdownResponse()


@dataclass
class There:
    """A daemon on a TLS port and on a plain one."""

    info: Info
    authority: trustme.CA
    encrypted: int
    plain: int


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def there(authority: trustme.CA) -> Iterator[There]:
    info = Info()
    server = grpc.server(ThreadPoolExecutor(2))
    daemon_pb2_grpc.add_DaemonServicer_to_server(info, server)
    certificate = authority.issue_cert("localhost", "studio.lan")
    pair = (certificate.private_key_pem.bytes(), certificate.cert_chain_pems[0].bytes())
    encrypted = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    plain = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield There(info, authority, encrypted, plain)
    server.stop(None).wait(60)


Named = Callable[..., None]


@pytest.fixture
def named(runtime_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Named:
    """Names a daemon by the environment."""
    assert runtime_folder.is_dir()

    def name(address: str, authority: trustme.CA | None = None, token: str = TOKEN) -> None:
        path = tmp_path / "token"
        path.touch(mode=0o600)
        path.write_text(token + "\n")
        monkeypatch.setenv("SONIQUE_DAEMON", address)
        monkeypatch.setenv("SONIQUE_TOKEN_FILE", str(path))
        if authority is not None:
            authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
            monkeypatch.setenv("SONIQUE_TLS_CA", str(tmp_path / "ca.pem"))

    return name


def never() -> None:
    raise AssertionError("a daemon was started")


def refused() -> str:
    with pytest.raises(DaemonUnreachable) as told:
        connect(start=never)  # type: ignore[arg-type]
    sentence = told.value.sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", ")."))
    return sentence


def test_a_daemon_elsewhere_is_reached_over_tls(there: There, named: Named) -> None:
    named(f"localhost:{there.encrypted}", there.authority)
    with connect(start=never) as connection:  # type: ignore[arg-type]
        assert connection.info.version == "9.9"
        assert not connection.local
        assert connection.daemon_lives
        assert connection.place == f"localhost:{there.encrypted}"


def test_the_end_of_a_tunnel_on_loopback_needs_no_tls(there: There, named: Named) -> None:
    named(f"127.0.0.1:{there.plain}")
    with connect(start=never) as connection:  # type: ignore[arg-type]
        assert not connection.local


@pytest.mark.parametrize(
    ("host", "encrypted"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("10.0.0.7", True), ("studio.lan", True)],
)
def test_what_is_not_on_loopback_is_always_encrypted(named: Named, host: str, encrypted: bool) -> None:
    named(f"[{host}]:7543" if ":" in host else f"{host}:7543")
    found = named_daemon()
    assert found is not None
    assert (found.host, found.port, found.encrypted, found.token) == (host, 7543, encrypted, TOKEN)


def test_a_daemon_elsewhere_is_taken_though_one_runs_here(served: object, there: There, named: Named) -> None:
    assert served is not None
    named(f"localhost:{there.encrypted}", there.authority)
    with connect(start=never) as connection:  # type: ignore[arg-type]
        assert connection.info.version == "9.9"


def test_a_wrong_token_is_told_with_the_way_out(there: There, named: Named) -> None:
    named(f"localhost:{there.encrypted}", there.authority, token="x" * 40)
    with pytest.raises(CallFailed, match=r"does not know this token.*SONIQUE_TOKEN_FILE") as told:
        connect(start=never)  # type: ignore[arg-type]
    assert "xxxx" not in told.value.sentence


@pytest.mark.parametrize(
    ("contract", "words"), [(0, "older .*update the daemon there"), (2, "newer .*update this client")]
)
def test_another_version_is_told_with_who_must_be_updated(
    there: There, named: Named, contract: int, words: str
) -> None:
    there.info.contract = contract
    named(f"localhost:{there.encrypted}", there.authority)
    with pytest.raises(DaemonVersion, match=words):
        connect(start=never)  # type: ignore[arg-type]


def test_a_certificate_that_nobody_vouches_for_is_told(there: There, named: Named) -> None:
    named(f"localhost:{there.encrypted}", trustme.CA())
    assert "is not trusted; name the certificate that vouches for it with SONIQUE_TLS_CA" in refused()


def test_a_certificate_for_another_name_is_told(there: There, named: Named) -> None:
    named(f"127.0.0.1:{there.encrypted}", there.authority)
    assert "The certificate of the daemon is not for “127.0.0.1”" in refused()


def test_a_port_where_nobody_listens_is_told(named: Named, authority: trustme.CA) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    named(f"127.0.0.1:{port}", authority)
    assert f"No Sonique daemon listens on 127.0.0.1:{port}; start it there" in refused()


def test_a_name_that_nobody_knows_is_told(named: Named, authority: trustme.CA) -> None:
    named("nobody.invalid:7543", authority)
    assert "“nobody.invalid”" in refused()


def test_a_plain_port_is_told_where_tls_is_spoken(there: There, named: Named) -> None:
    named(f"localhost:{there.plain}", there.authority)
    assert "does not speak TLS" in refused()


def test_a_tls_port_is_told_where_plain_is_spoken(there: There, named: Named) -> None:
    named(f"127.0.0.1:{there.encrypted}")
    assert "SONIQUE_TLS_CA" in refused()


def test_something_else_behind_tls_is_told(named: Named, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def answer() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.sendall(b"220 mail.example ESMTP\r\n")
            except OSError:
                if listener.fileno() < 0:
                    return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    named(f"localhost:{port}", authority)
    try:
        assert "does not answer as a Sonique daemon does" in refused()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)


@pytest.mark.parametrize(
    "address",
    ["studio.lan", "studio.lan:", ":7543", "studio.lan:99999", "studio.lan:0", "https://a:1", "a b:1", "a@b:1"],
)
def test_an_address_that_is_none_is_told(named: Named, address: str) -> None:
    named(address)
    assert "HOST:PORT" in refused()


def test_a_token_file_is_needed(named: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    named("studio.lan:7543")
    monkeypatch.delenv("SONIQUE_TOKEN_FILE")
    assert "needs SONIQUE_TOKEN_FILE" in refused()


@pytest.mark.skipif(os.name != "posix", reason="modes say nothing here")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_token_file_that_others_can_read_is_refused(named: Named, tmp_path: Path, mode: int) -> None:
    named("studio.lan:7543")
    (tmp_path / "token").chmod(mode)
    assert "chmod 600" in refused()


@pytest.mark.parametrize("text", ["", "   ", "two words", "a\tb", "é" * 40, "\x00"])
def test_a_token_file_without_a_token_is_told(named: Named, tmp_path: Path, text: str) -> None:
    named("studio.lan:7543")
    (tmp_path / "token").write_text(text, encoding="utf-8")
    sentence = refused()
    assert "the daemon's token and nothing else" in sentence
    assert text not in sentence or not text.strip()


def test_files_that_are_not_there_are_told(named: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named("studio.lan:7543")
    (tmp_path / "token").unlink()
    assert "SONIQUE_TOKEN_FILE: " in refused()
    named("studio.lan:7543")
    monkeypatch.setenv("SONIQUE_TLS_CA", str(tmp_path / "nowhere.pem"))
    assert "SONIQUE_TLS_CA: " in refused()


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n", "é"])
def test_a_certificate_file_that_is_none_is_told(
    named: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    named("studio.lan:7543")
    (tmp_path / "ca.pem").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SONIQUE_TLS_CA", str(tmp_path / "ca.pem"))
    assert "holds no certificate" in refused()
