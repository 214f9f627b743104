"""The hub: the two questions that pulling weights asks of it, over plain HTTPS.

The standard library does, for two endpoints need no library of their own: what a revision stands for and which files
it has, and the bytes of a file from a place on. The token goes to the hub alone, and never to where it redirects to.
"""

import json
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from sonique_daemon import __version__
from sonique_daemon.errors import HubUnreachable, ModelNotFound, WeightsGated

_HUB = "https://huggingface.co"
_PATIENCE = 30.0
"""Seconds for which the hub may say nothing."""
_LISTING_BYTES = 64 * 2**20
"""The longest listing that is read."""
_REASON = 200
"""Letters of a reason that are told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a repository.

    Attributes:
        path: inside the repository, with ``/``.
        size: bytes.
        sha256: of the whole file where the hub states it, as it does for large ones; else "".
        blob: Git's SHA-1 of it where the hub states that; else "".
    """

    path: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a revision of a repository stands for: its commit, and every file."""

    hub: str
    commit: str
    files: tuple[Listed, ...]


class _KeepToken(HTTPRedirectHandler):
    """Follows a redirect, with the token only where that stays with the hub, and never from HTTPS to HTTP."""

    def redirect_request(  # noqa: PLR0917 - as the standard library has it
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The next request."""
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if before.scheme == "https" and after.scheme != "https":
            raise URLError("it redirects to an address without encryption")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.get_header("Authorization")
        if following is not None and token and (before.scheme, before.netloc) == (after.scheme, after.netloc):
            following.add_unredirected_header("Authorization", token)
        return following


class Hub:
    """The hub at ``endpoint``.

    Args:
        endpoint: its address; HTTPS, or HTTP on this machine.
        token: opens gated repositories; "" for none. It stands in no message, log or error.
        offline: whether nothing is asked of it at all.
    """

    def __init__(self, endpoint: str = _HUB, token: str = "", *, offline: bool = False) -> None:
        self.endpoint, self._token, self._offline = endpoint.rstrip("/"), token, offline
        self._opener: OpenerDirector = build_opener(_KeepToken(), HTTPSHandler(context=ssl.create_default_context()))

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> "Hub":
        """As the environment says, by the names that other programs use: ``HF_ENDPOINT``, ``HF_TOKEN``, and the files
        that ``HF_TOKEN_PATH`` and ``HF_HOME`` lead to; ``SONIQUE_OFFLINE`` or ``HF_HUB_OFFLINE`` forbids it.
        """
        offline = any(environment.get(name, "") not in {"", "0"} for name in ("SONIQUE_OFFLINE", "HF_HUB_OFFLINE"))
        return cls(environment.get("HF_ENDPOINT") or _HUB, _token(environment), offline=offline)

    def revision(self, hub: str, revision: str) -> Revision:
        """What ``revision`` of the repository ``hub`` stands for.

        Raises:
            HubUnreachable: the hub does not answer, or not sensibly, or is not to be asked.
            WeightsGated: the repository's terms were not accepted, or there is no token.
            ModelNotFound: there is no such repository or revision.
        """
        path = f"/api/models/{quote(hub)}/revision/{quote(revision, safe='')}?blobs=true"
        try:
            with self._opened(hub, path) as answer:
                body = answer.read(_LISTING_BYTES + 1)
            return _revision(hub, json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, HTTPException):
            raise HubUnreachable(f"The hub's answer about “{hub}” cannot be understood; try again later.") from None
        except OSError as error:
            raise _away(error) from None

    @contextmanager
    def file(self, hub: str, commit: str, path: str, start: int) -> Iterator[tuple[IO[bytes], int]]:
        """The bytes of a file from ``start`` on where the hub can do that, else from 0; and where they begin.

        Raises:
            HubUnreachable: as ``revision``.
            WeightsGated: as ``revision``.
            ModelNotFound: there is no such file.
        """
        place = f"/{quote(hub)}/resolve/{quote(commit, safe='')}/{quote(path)}"
        with self._opened(hub, place, {"Range": f"bytes={start}-"} if start else {}) as answer:
            begins = start and answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            yield answer, start if begins else 0

    @contextmanager
    def _opened(self, hub: str, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Any]:
        if self._offline:
            raise HubUnreachable(f"“{hub}” is not asked for: this machine is set to be offline (SONIQUE_OFFLINE).")
        _require_safe(self.endpoint)
        _require_one_word(self._token)
        agent = {"User-Agent": f"sonique/{__version__}", **(headers or {})}
        request = Request(self.endpoint + path, headers=agent)  # noqa: S310 - the address was checked
        if self._token:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            answer = self._opener.open(request, timeout=_PATIENCE)
        except HTTPError as error:
            with error:
                raise self._refusal(hub, error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise _away(error) from None
        with answer:
            yield answer

    def _refusal(self, hub: str, error: HTTPError) -> HubUnreachable | WeightsGated | ModelNotFound:
        if error.code in {401, 403}:
            way = (
                "with the account of your token"
                if self._token
                else ("and give a token of your account in HF_TOKEN, or in the file that `hf auth login` writes")
            )
            return WeightsGated(f"“{hub}” asks to have its terms accepted first: do so at {self.endpoint}/{hub} {way}.")
        if error.code == 404:
            return ModelNotFound(f"The hub has no “{hub}” in that revision; look at the entry in the catalogue.")
        return HubUnreachable(
            f"The hub refuses “{hub}” for now (HTTP {error.code}); what came so far is kept, so try again later."
        )


def _revision(hub: str, told: dict[str, Any]) -> Revision:
    commit = str(told["sha"])
    if not commit.isalnum() or len(commit) > 64:
        raise ValueError(commit)
    return Revision(hub, commit, tuple(_listed(file) for file in told["siblings"]))


def _listed(file: dict[str, Any]) -> Listed:
    large = file.get("lfs") or {}
    sha256 = str(large.get("sha256") or "").lower()
    size = int(large.get("size") or file.get("size") or 0)
    return Listed(str(file["rfilename"]), size, sha256, "" if sha256 else str(file.get("blobId") or ""))


def _require_safe(endpoint: str) -> None:
    """Raises ``HubUnreachable`` where what is pulled could be read or changed on its way."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise HubUnreachable(f"“{endpoint}” is no address that weights are pulled from; HF_ENDPOINT must be HTTPS.")


def _require_one_word(token: str) -> None:
    """Raises ``HubUnreachable`` where ``token`` fits into no header; the library's own error would tell all of it."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise HubUnreachable(
            "What stands in HF_TOKEN, or in the file that `hf auth login` writes, is not one word and so no token; "
            "correct it, or take it away."
        )


def _token(environment: Mapping[str, str]) -> str:
    named = environment.get("HF_TOKEN") or environment.get("HUGGING_FACE_HUB_TOKEN")
    if named:
        return named.strip()
    home = Path(environment.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    try:
        return Path(environment.get("HF_TOKEN_PATH") or home / "token").expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _away(error: BaseException) -> HubUnreachable:
    cause = getattr(error, "reason", error)
    reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    shown = "".join(sign if sign.isprintable() else " " for sign in reason[:_REASON])  # a server may have worded it
    return HubUnreachable(f"The hub cannot be reached ({shown}); what came so far is kept, so try again later.")
