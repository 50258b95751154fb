"""What the commands of the jobs have in common: settings, the store, and faults as one clear line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from jobs.couch import Couch, CouchError
from jobs.faults import BackupError, BusyError, MirrorError, PeriodOpenError
from jobs.prefect_server import PrefectError
from jobs.register_store import SetupError
from jobs.settings import Settings, SettingsError, read_settings
from models import calendar
from models.faults import FaultyFileError

#: Opens the store of a folder for as long as it is used, and gives its address; d110.py hands in the embedded one.
OpenStore = Callable[[Path], AbstractContextManager[str]]

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
#: Progress goes to standard error, so that standard output holds figures only.
console = Console(stderr=True)


#: What an operator can set right; the message says how.
_SET_RIGHT: Final = (
    BackupError,
    CouchError,
    SettingsError,
    SetupError,
    FaultyFileError,
    MirrorError,
    BusyError,
    PeriodOpenError,
    PrefectError,
)


class JobFaultError(click.ClickException):
    """What went wrong, shown as it is, without a traceback."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


@contextmanager
def connected(settings: Settings, open_store: OpenStore) -> Iterator[Couch]:
    """CouchDB as the settings name it, else the embedded store; what goes wrong becomes one clear line."""
    with faults_as_lines():
        store = nullcontext(settings.couchdb_url) if settings.couchdb_url else open_store(settings.store_dir)
        with store as url:
            couch = Couch(url)
            try:
                yield couch
            finally:
                couch.close()


@contextmanager
def faults_as_lines() -> Iterator[None]:
    """What an operator can set right becomes one line; faults of the program keep their traceback."""
    try:
        yield
    except _SET_RIGHT as error:
        raise JobFaultError(str(error)) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise JobFaultError(
            f"无法读写 {error.filename} / {error.filename} cannot be read or written: {error.strerror}"
        ) from error


def settings_of_environment() -> Settings:
    with faults_as_lines():
        return read_settings(os.environ)


def today_in_heze() -> date:
    return datetime.now(calendar.LOCAL).date()


def progress() -> Progress:
    """Counts what has been done, on standard error."""
    return Progress(
        TextColumn("{task.description}"), TextColumn("{task.completed:.0f}"), TimeElapsedColumn(), console=console
    )
