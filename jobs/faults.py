"""What keeps a run of the jobs from being done. Light, so that commands start fast."""

from __future__ import annotations

from pathlib import Path


class BusyError(Exception):
    """Another run is at work on this county's mirror."""


class MirrorError(Exception):
    """There is no mirror that can be read; the message says what to do."""


class DamagedError(MirrorError):
    """A file of the mirror that can't be read; what it says follows from other data, and is made anew from them."""

    def __init__(self, file: Path, why: object, command: str = "d110 nightly") -> None:
        line = str(why).partition("\n")[0]
        super().__init__(
            f"{file} 损坏，或由另一版本写成；运行 {command} 即重做 / is damaged or of another release, "
            f"run `{command}` to make it anew: {line}"
        )


class PeriodOpenError(Exception):
    """The period can't be evaluated yet, or lies before anything was watched."""


class BackupError(Exception):
    """A copy of the store cannot be made or put back; the message says why, and what to do."""
