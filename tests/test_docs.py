"""What the documentation says of the code, held against the code."""

import re
import tomllib
from pathlib import Path

from sonique_cli.exits import Exit, exit_for
from sonique_daemon.errors import SoniqueError

ROOT = Path(__file__).resolve().parent.parent


def every_error(base: type[SoniqueError] = SoniqueError) -> list[type[SoniqueError]]:
    return [found for error in base.__subclasses__() for found in (error, *every_error(error))]


def rows(page: str) -> list[list[str]]:
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_every_error_stands_in_the_docs_with_its_status_and_exit_code() -> None:
    told = {row[0]: (row[1], row[2]) for row in rows("errors.md")}
    for error in every_error():
        assert told.get(error.code) == (error.status, str(int(exit_for(error.code)))), error.code


def test_every_exit_code_stands_in_the_docs() -> None:
    told = {row[0] for row in rows("cli.md")}
    assert {str(int(code)) for code in Exit} <= told


def test_every_dependency_has_its_reason_in_the_docs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[><=\[]", requirement)[0] for requirement in wanted} - {"sonique"}
    told = {name.strip() for row in rows("dependencies.md") for name in row[0].split(",")}
    assert names <= told


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_begins_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (pip .*)$", readme, re.MULTILINE)
    assert commands[:2] == ["pip install . && sonique demo", "pip install '.[test]' && pytest"]
