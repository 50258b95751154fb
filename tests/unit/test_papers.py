"""What the papers name is there: folders, files, functions, commands, terms."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import click
import pytest

from d110 import main
from models.catalogue import Category, Item, default_catalogue
from models.documents import EVENT_KINDS, CaseStep, Channel, Grade, Measure, Severity
from sync_api.access.accounts import ROLES

ROOT = Path(__file__).parents[2]
PAPERS = ("README.md", "ARCHITECTURE.md", "GLOSSARY.md", "CHANGELOG.md")
PACKAGES = ("models", "sync_api", "jobs")
NOT_OURS = {"node_modules", "dist", "__pycache__"}
SOURCE_SUFFIXES = {".py", ".ts", ".vue", ".mjs", ".toml"}
FILE = re.compile(r"[\w./]+\.(?:py|ts|mjs|csv|toml|yaml|lock)")
NAME = re.compile(r"_?[A-Za-z]+(?:_[a-z]+)*(?:\.[a-z_]+)?")
#: Groups whose members are named in the row of the group.
SAID_WITHIN = {"bench"}


def text_of(paper: str) -> str:
    return (ROOT / paper).read_text("utf-8")


def code_in(paper: str) -> set[str]:
    """What stands between backticks on one line."""
    return set(re.findall(r"`([^`\n]+)`", text_of(paper)))


@cache
def files() -> list[Path]:
    """The files of the project itself, without what is built or installed."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for package in PACKAGES:
        for folder, below, names in os.walk(ROOT / package):
            below[:] = [name for name in below if name not in NOT_OURS]
            found += [Path(folder, name) for name in names]
    return found


@cache
def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in files() if path.suffix in SOURCE_SUFFIXES)


def commands(group: click.Group, above: str = "d110") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group) and name not in SAID_WITHIN:
            yield from commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}"


def test_readme_lists_the_commands_that_there_are() -> None:
    rows = re.findall(r"^\| `(d110 [^`]+)` \|", text_of("README.md"), re.MULTILINE)
    assert sorted(rows) == sorted(commands(main))


def test_make_targets_that_the_readme_names_are_there() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", text_of("README.md")))
    assert named <= set(re.findall(r"^([a-z][a-z-]+):", text_of("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("paper", PAPERS)
def test_links_between_the_papers_lead_somewhere(paper: str) -> None:
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", text_of(paper)):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_folder_of_the_map_exists_and_every_package_is_on_it() -> None:
    folders = set(re.findall(r"^\| `([a-z_/]+/)` \|", text_of("ARCHITECTURE.md"), re.MULTILINE))
    for folder in folders:
        assert (ROOT / folder).is_dir(), folder
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in files() if path.name == "__init__.py"}
    assert packages <= folders


def test_files_that_the_architecture_names_are_there() -> None:
    named = {name for name in code_in("ARCHITECTURE.md") if FILE.fullmatch(name)}
    assert named
    for name in named:
        assert (ROOT / name).is_file() or any(path.name == name for path in files()), name


def test_functions_and_classes_that_the_architecture_names_are_there() -> None:
    named = {name for name in code_in("ARCHITECTURE.md") if NAME.fullmatch(name) and not FILE.fullmatch(name)}
    assert named
    for word in {part for name in named for part in name.split(".")}:
        assert re.search(rf"\b{word}\b", source()), word


def test_the_glossary_has_every_term_that_documents_and_accounts_know() -> None:
    named = {word for words in (CaseStep, Severity, Channel, Grade, Measure) for word in get_args(words)}
    assert {*named, *EVENT_KINDS, *ROLES} <= code_in("GLOSSARY.md")


def test_words_that_the_glossary_says_are_in_code_are() -> None:
    for term in code_in("GLOSSARY.md"):
        assert re.search(rf"(?<![A-Za-z]){re.escape(term)}(?![A-Za-z])", source()), term


def test_the_glossary_names_categories_and_items_as_the_catalogue_does() -> None:
    rows = re.findall(r"^\| ([\d.]+) \| \**([^|*]+?)\** \| \**([^|*]+?)\** \|$", text_of("GLOSSARY.md"), re.MULTILINE)
    named: list[Category | Item] = []
    for category in default_catalogue().categories:
        named += [category, *category.items]
    assert rows == [(one.code, one.name_zh, one.name_en) for one in named]
