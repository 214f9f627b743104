"""The bundle for a report: findings, logs, jobs, settings and packages, without media, secrets or who somebody is."""

import json
import os
import secrets
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonique_cli import places
from sonique_cli.doctor.finding import Finding
from sonique_cli.doctor.journal import read_end
from sonique_cli.doctor.redaction import Redaction
from sonique_cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp
    from sonique.v1.jobs_pb2 import Job

_ABOUT = """What “sonique doctor --bundle” collected, for a report of a problem.

findings.txt, findings.json   what the doctor found
logs/                         the daemon's log of this run, of the one before, and what broke it last
jobs.json                     jobs: ids, states, times, codes of failures
settings.json                 the daemon's settings
packages.txt                  what Python packages are installed

No media, no takes, no tokens. The home folder is ~, the user's name is “user”, the machine's is “host”.
{names}
"""
_WITH = "Names of media and titles are in it, as --with-names asked."
_WITHOUT = "Names of media, titles and sentences that hold them are left out; --with-names keeps them."
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle.

    Attributes:
        findings: what the doctor found.
        jobs: the newest jobs.
        logs: the folder of the logs.
        with_names: whether names of media may be told.
    """

    findings: tuple[Finding, ...]
    jobs: tuple["Job", ...]
    logs: Path
    with_names: bool


def write_bundle(path: Path, contents: Contents) -> None:
    """Writes the bundle as a ZIP file that only this user may read; whole, or not at all.

    Raises:
        CommandError: it cannot be written.
    """
    redaction = Redaction.here(with_names=contents.with_names)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members(contents, redaction):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
        part.replace(path)
    except OSError as error:
        raise CommandError(f"“{path}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error
    finally:
        part.unlink(missing_ok=True)


def members(contents: Contents, redaction: Redaction) -> Iterator[tuple[str, str]]:
    """The files of a bundle: name and text."""
    yield "README.txt", _ABOUT.format(names=_WITH if contents.with_names else _WITHOUT)
    findings = [redaction.within(finding.plain()) for finding in contents.findings]
    yield "findings.txt", "\n".join(_line(finding) for finding in findings) + "\n"
    yield "findings.json", _json(findings)
    yield "jobs.json", _json(redaction.within([_job(job, with_names=contents.with_names) for job in contents.jobs]))
    yield "settings.json", _json(redaction.within(_settings(with_names=contents.with_names)))
    yield "packages.txt", "\n".join(_packages()) + "\n"
    for name in (places.LOG, places.PREVIOUS, places.CRASH):
        for piece in places.log_pieces(contents.logs / name):
            if piece.stat().st_size == 0:
                continue
            yield f"logs/{piece.name}", redaction(read_end(piece))


def _line(finding: Mapping[str, str]) -> str:
    way_out = f" -> {finding['way_out']}" if finding["way_out"] else ""
    return f"{finding['level']:5} {finding['topic']}: {finding['text']}{way_out}"


def _job(job: "Job", *, with_names: bool) -> dict[str, Any]:
    """A job without what it was asked."""
    from sonique_cli.jobs import kind_of, state_of

    told: dict[str, Any] = {
        "id": job.id,
        "kind": kind_of(job),
        "state": state_of(job),
        "client": job.client,
        "priority": int(job.priority),
        "last_seq": job.last_seq,
    }
    told |= {name: when.ToJsonString() for name, when in _times(job)}
    if job.HasField("failure"):
        told["failure"] = {"code": job.failure.code, "status": job.failure.status}
    if with_names:
        told["title"] = job.title
        told["sentence"] = job.failure.sentence
    return told


def _times(job: "Job") -> "Iterator[tuple[str, Timestamp]]":
    if job.HasField("created"):
        yield "created", job.created
    if job.HasField("started"):
        yield "started", job.started
    if job.HasField("ended"):
        yield "ended", job.ended


def _settings(*, with_names: bool) -> dict[str, Any]:
    """The daemon's settings; paths are left out where names are not wanted."""
    try:
        table = tomllib.loads(places.config_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"unreadable": True}
    return table if with_names else {key: _without_paths(value) for key, value in table.items()}


def _without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_paths(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_paths(part) for part in value]
    return "…" if isinstance(value, str) and ("/" in value or "\\" in value) else value


def _packages() -> Iterable[str]:
    found = {(each.metadata["Name"] or "", each.version) for each in distributions()}
    return sorted((f"{name}=={release}" for name, release in found if name), key=str.lower)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
