"""Candidates of a county: what may have been reported late, not at all, or hidden, found anew each night and written
where it differs. A person says what becomes of them; nothing here does."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from jobs.couch import Database
from jobs.derived import stored_documents, write_changed
from jobs.rows import events_of, reading_log
from models import calendar
from models.documents import Appointment, Candidate, Candidates, Omission, Report, Sanction
from models.ids import CODE_LENGTHS
from models.informants import terms_of
from models.setup import Setup
from models.truthfulness import chains_of, find, omission_step, sanctions_in_force, seen_by_patrols, told


def find_candidates(database: Database, setup: Setup, rows: pa.Table, county: str, today: date) -> int:
    """Bring the candidates of a county's townships up to date with the mirror's ``rows``; how many documents were
    written. Twice in a row changes nothing. Raises ``CouchError``."""
    found = candidates_of(rows, setup, county, calendar.epoch_day(today))
    of_township: dict[str, list[Candidate]] = defaultdict(list)
    for one in found:
        of_township[one.village[: CODE_LENGTHS["township"]]].append(one)
    said = [
        Candidates(
            id=f"{township}:candidates",
            policy=setup.rulebook.policy.version,
            found=of_township.get(township, []),
            simulated=setup.rulebook.is_simulated,
        )
        for township in setup.register.children.get(county, ())
    ]
    stored = stored_documents(database, [one.id for one in said], Candidates)
    return write_changed(database, stored, said, lambda one: not one.found)


def candidates_of(rows: pa.Table, setup: Setup, county: str, today: int) -> list[Candidate]:
    """What a county's rows say on an epoch day."""
    policy, catalogue = setup.rulebook.policy.truthfulness, setup.rulebook.catalogue
    terms = terms_of(events_of(rows, Appointment))
    if not terms:  # nobody serves, so that nothing can have been missed
        return []
    villages = setup.register.villages[setup.register.villages_in(county)]
    inspections = rows.filter(pc.equal(rows["kind"], "inspection"))
    ids = dict(zip(inspections["ulid"].to_pylist(), inspections["id"].to_pylist(), strict=True))
    rounds = reading_log(rows.filter(pc.equal(rows["kind"], "round")), villages)
    days = range(today - policy.look_back_days, today + 1)
    steps = map(omission_step, events_of(rows, Omission))
    chains = chains_of(step for step in steps if step is not None)
    decided = sanctions_in_force(events_of(rows, Sanction), chains)
    patrols = seen_by_patrols(rounds, reading_log(inspections, villages), villages, catalogue, ids, days)
    reports = told(events_of(rows, Report))
    return find(reports, patrols, terms, decided, policy, today)
