"""How a county's lamps went by week, written anew each night (models/weeks.py)."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from jobs.couch import Database
from jobs.derived import stored_documents, write_changed
from jobs.rows import case_facts, reading_log
from models import calendar
from models.cases import fold_cases, known_by
from models.documents import Weeks
from models.setup import Setup
from models.weeks import lamps_by_week


def write_weeks(database: Database, setup: Setup, rows: pa.Table, county: str, today: date) -> int:
    """Bring the townships' ``Weeks`` up to date with the mirror's ``rows``, up to yesterday's end; how many documents
    were written. Twice in a row changes nothing. Raises ``CouchError``."""
    rulebook, last_day = setup.rulebook, calendar.epoch_day(today) - 1
    villages = setup.register.villages[setup.register.villages_in(county)]
    cases = fold_cases(known_by(case_facts(rows, rulebook.catalogue), last_day), rulebook.policy)
    said = lamps_by_week(villages, reading_log(rows, villages), cases, rulebook, last_day)
    return write_changed(database, stored_documents(database, [one.id for one in said], Weeks), said)
