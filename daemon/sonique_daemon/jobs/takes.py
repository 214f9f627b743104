"""The index of takes: from a take's id to its files, and back to the jobs that made it."""

from pathlib import Path

from sonique_daemon.domain.take import FileKind, Take, TakeFile
from sonique_daemon.errors import TakeNotFound


class TakeIndex:
    """Knows every take's files for as long as a job that made it is known or was merely forgotten for its age.

    Two jobs with the same request may share a take, and two takes a file; a file goes only with the last of them.
    """

    def __init__(self) -> None:
        self._files: dict[str, tuple[TakeFile, ...]] = {}
        self._makers: dict[str, set[str]] = {}

    def add(self, job_id: str, take: Take) -> None:
        """Notes that the job made ``take``."""
        self._files[take.id] = take.files
        self._makers.setdefault(take.id, set()).add(job_id)

    def file(self, take_id: str, name: str, kind: FileKind) -> TakeFile:
        """The file of that name and kind.

        Raises:
            TakeNotFound: no such take, name or kind.
        """
        files = self._files.get(take_id)
        if files is None:
            raise TakeNotFound(f"There is no take “{take_id[:64]}”; its job may have been deleted.")
        for file in files:
            if file.name == name and file.kind is kind:
                return file
        choices = ", ".join(f"{file.name} ({file.kind})" for file in files)
        raise TakeNotFound(f"The take “{take_id}” has no {kind} file “{name[:64]}”; it has {choices}.")

    def remove(self, job_id: str) -> tuple[Path, ...]:
        """Drops the job's takes; returns the paths that no other take holds."""
        gone: list[TakeFile] = []
        for take_id in [take_id for take_id, makers in self._makers.items() if job_id in makers]:
            self._makers[take_id].discard(job_id)
            if not self._makers[take_id]:
                del self._makers[take_id]
                gone.extend(self._files.pop(take_id))
        kept = {file.path for files in self._files.values() for file in files}
        return tuple(dict.fromkeys(file.path for file in gone if file.path not in kept))


def remove_files(paths: tuple[Path, ...]) -> None:
    """Removes files that may be gone already, and the folders of their own that they leave empty."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        try:
            folder.rmdir()
        except OSError:  # it holds something else, or is gone
            continue
