"""A daemon elsewhere: on another machine, or behind a tunnel, named by the environment.

``SONIQUE_DAEMON`` is its ``HOST:PORT``, ``SONIQUE_TOKEN_FILE`` the file that holds its token (for this user alone), and
``SONIQUE_TLS_CA`` the certificate (PEM) that vouches for it. The connection is encrypted, but for an address on
loopback without ``SONIQUE_TLS_CA``: the end of an SSH tunnel, which encrypts by itself.
"""

import errno
import ipaddress
import os
import re
import socket
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from sonique_client.errors import DaemonUnreachable
from sonique_client.private import NotPrivate, read_private

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]@]+):(?P<port>\d{1,5})")
_SECONDS = 5.0
_NAME_MISMATCH = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""
_EXPIRED, _NOT_YET = 10, 9
_CA_LIMIT = 2**20


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a daemon is, and what opens it.

    Attributes:
        host: name or IP address.
        port: TCP port.
        token: what every call carries.
        encrypted: whether the connection uses TLS.
        authority: certificates that vouch for the daemon, PEM; None for those that the system trusts.
    """

    host: str
    port: int
    token: str
    encrypted: bool
    authority: bytes | None

    @property
    def address(self) -> str:
        """``HOST:PORT``, as gRPC takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def named_daemon() -> Elsewhere | None:
    """The daemon that the environment names; None where it names none.

    Raises:
        DaemonUnreachable: what the environment says makes no sense, or a file that it names cannot be used.
    """
    named = os.environ.get("SONIQUE_DAEMON", "").strip()
    if not named:
        return None
    match = _ADDRESS.fullmatch(named)
    if match is None or not 0 < int(match["port"]) < 65_536:
        raise DaemonUnreachable(f"SONIQUE_DAEMON: “{named[:200]}” is no address; write HOST:PORT, as studio.lan:7543.")
    host = match["host"].strip("[]")
    authority = _authority()
    return Elsewhere(host, int(match["port"]), _token(), authority is not None or not _is_loopback(host), authority)


def why_unreachable(there: Elsewhere) -> DaemonUnreachable:
    """Tries the connection step by step, and says where it ends and what can be done."""
    try:
        with socket.create_connection((there.host, there.port), timeout=_SECONDS) as plain:
            if there.encrypted:
                _shake_hands(there, plain)
    except ssl.SSLCertVerificationError as error:
        return DaemonUnreachable(_distrust(there, error))
    except ssl.SSLError:
        return DaemonUnreachable(
            f"What listens on {there.address} does not speak TLS; check the port in SONIQUE_DAEMON, or reach a daemon "
            "without TLS through an SSH tunnel (ssh -L)."
        )
    except OSError as error:
        return DaemonUnreachable(_no_way(there, error))
    hint = "" if there.encrypted else "; if it asks for TLS, name its certificate with SONIQUE_TLS_CA"
    return DaemonUnreachable(f"What listens on {there.address} does not answer as a Sonique daemon does{hint}.")


def _token() -> str:
    named = os.environ.get("SONIQUE_TOKEN_FILE", "")
    if not named:
        raise DaemonUnreachable(
            "SONIQUE_DAEMON needs SONIQUE_TOKEN_FILE: a file with the token of that daemon, its mode 0600."
        )
    path = Path(named).expanduser()
    try:
        token = read_private(path).strip()
    except NotPrivate as error:
        raise DaemonUnreachable(f"SONIQUE_TOKEN_FILE: “{path}” {error}; make it yours alone (chmod 600).") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no text"
        if getattr(error, "errno", None) == errno.ELOOP:
            reason = "it is a symbolic link; name the file itself"
        raise DaemonUnreachable(f"SONIQUE_TOKEN_FILE: “{path}” cannot be read ({reason}).") from None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise DaemonUnreachable(f"SONIQUE_TOKEN_FILE: “{path}” must hold the daemon's token and nothing else.")
    return token


def _authority() -> bytes | None:
    named = os.environ.get("SONIQUE_TLS_CA", "")
    if not named:
        return None
    path = Path(named).expanduser()
    nothing = DaemonUnreachable(f"SONIQUE_TLS_CA: “{path}” holds no certificate (PEM).")
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > _CA_LIMIT:
            raise nothing
        data = path.read_bytes()
        if b"BEGIN CERTIFICATE" not in data:
            raise nothing
        ssl.create_default_context(cadata=data.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise nothing from None
    except OSError as error:
        raise DaemonUnreachable(f"SONIQUE_TLS_CA: “{path}” cannot be read ({error.strerror}).") from None
    return data


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shake_hands(there: Elsewhere, plain: socket.socket) -> None:
    context = ssl.create_default_context(cadata=None if there.authority is None else there.authority.decode("ascii"))
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(plain, server_hostname=there.host):
        pass


def _distrust(there: Elsewhere, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _NAME_MISMATCH:
        return (
            f"The certificate of the daemon is not for “{there.host}”; put a name that it is for into SONIQUE_DAEMON, "
            "or give the daemon a certificate with this one."
        )
    if error.verify_code in (_EXPIRED, _NOT_YET):
        when = "has run out" if error.verify_code == _EXPIRED else "is not valid yet"
        return f"The certificate of the daemon on {there.address} {when}; renew it, and check both clocks."
    return (
        f"The certificate of the daemon on {there.address} is not trusted; name the certificate that vouches for it "
        "with SONIQUE_TLS_CA."
    )


def _no_way(there: Elsewhere, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"No machine called “{there.host}” is known; check SONIQUE_DAEMON."
    if isinstance(error, ConnectionRefusedError):
        return f"No Sonique daemon listens on {there.address}; start it there, and check the port in SONIQUE_DAEMON."
    reason = "it does not answer" if isinstance(error, TimeoutError) else (error.strerror or str(error))
    return f"{there.address} cannot be reached ({reason}); check the network, firewall and SONIQUE_DAEMON."
