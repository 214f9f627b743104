"""Where a daemon listens: loopback and Unix socket for this machine's clients, a port with TLS for others."""

import logging
from pathlib import Path

import grpc

from sonique_daemon.app.settings import Settings, Tls

_logger = logging.getLogger(__name__)

_LOOPBACK = "127.0.0.1"


def listen(server: grpc.aio.Server, settings: Settings, socket: Path | None) -> tuple[str, str, str]:
    """Has ``server`` listen; returns its targets on loopback, on the Unix socket, and with TLS, "" where there is none.

    With TLS, host and port of the settings are those of the TLS port, and clients of this machine have a port of
    loopback for themselves.

    Raises:
        OSError: nothing can listen there, or certificate and key are none.
    """
    if settings.tls is None:
        address, remote = _bind(server, settings.host, settings.port), ""
    else:
        remote = _bind(server, settings.host, settings.port, _credentials(settings.tls))
        address = _bind(server, _LOOPBACK, 0)
    return address, "" if socket is None else _bind_socket(server, socket), remote


def _bind(server: grpc.aio.Server, host: str, port: int, credentials: grpc.ServerCredentials | None = None) -> str:
    name = f"[{host}]" if ":" in host else host
    target = f"{name}:{port}"
    try:
        given = server.add_secure_port(target, credentials) if credentials else server.add_insecure_port(target)
    except RuntimeError:
        given = 0
    if given == 0:
        raise OSError(f"Nothing can listen on {target}; another program may use that port")
    return f"{name}:{given}"


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    """Certificate and key, tried first: gRPC itself says nothing of why it refuses them."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise OSError(f"“{tls.certificate}” and “{tls.key}” are no certificate and its key in PEM ({reason})") from None
    return grpc.ssl_server_credentials([(tls.key.read_bytes(), tls.certificate.read_bytes())])


def _no_password() -> str:
    raise ValueError("the key is locked with a password; give one without")


def _bind_socket(server: grpc.aio.Server, socket: Path) -> str:
    """Listens on the Unix socket; "" where that cannot be, because the TCP port serves as well."""
    target = f"unix:{socket}"
    try:
        server.add_insecure_port(target)
        socket.chmod(0o600)
    except (RuntimeError, OSError):
        _logger.warning("There is no Unix socket, because %s cannot be listened on", socket)
        return ""
    return target
