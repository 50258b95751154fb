"""What keeps a run of the jobs from being done. Light, so that commands start fast."""

from __future__ import annotations


class BusyError(Exception):
    """Another run is at work on this county's mirror."""


class MirrorError(Exception):
    """There is no mirror that can be read; the message says what to do."""


class PeriodOpenError(Exception):
    """The period can't be evaluated yet, or lies before anything was watched."""


class BackupError(Exception):
    """A copy of the store cannot be made or put back; the message says why, and what to do."""
