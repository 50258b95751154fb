"""Fills a store with a simulated city, and says so in the store before the first event is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from jobs.couch import Couch, Database
from jobs.register_store import SetupError, read_dataset, write_where_changed
from models import revisions
from models.documents import EVENT_KINDS, Dataset, decode_event
from models.ids import database_of
from models.setup import Setup
from models.simulation import Parameters, simulate_county

BATCH: Final = 1000
#: A local document of the city's database: every event of the data set is in the store.
COMPLETE: Final = "simulation"


def write_simulation(
    couch: Couch, city: str, setup: Setup, dataset: Dataset, parameters: Parameters, tell: Callable[[str, int], None]
) -> int:
    """Write the events of a data set county by county; how many. ``tell`` hears of each county's batches.

    Cut off, it can be done again: revisions follow from the content, so nothing is there twice. Done, it does
    nothing. Raises ``SetupError`` when the store holds real events or another data set, ``CouchError``.
    """
    city_database = couch.database(database_of(city))
    known = read_dataset(city_database, city)
    if known is not None and known != dataset:
        raise SetupError(
            f"存储中已有另一套模拟数据 / the store holds another simulated data set (seed {known.seed}, "
            f"until {known.until}, {known.months} months): give its values or use an empty store"
        )
    if known is not None and city_database.has_local(COMPLETE):
        return 0
    counties = setup.register.counties
    for county in counties:
        _refuse_real_events(couch.database(database_of(county)))
    write_where_changed(city_database, dataset)
    rulebook, written = setup.rulebook, 0
    for county in counties:
        simulated = simulate_county(
            setup.register, county, rulebook.catalogue, rulebook.policy, parameters, dataset.seed, dataset.until
        )
        database = couch.database(database_of(county))
        for batch in batches(simulated.documents):
            database.store([with_revision(document) for document in batch])
            tell(county, len(batch))
        written += len(simulated.documents)
    city_database.write_local(COMPLETE)
    return written


def with_revision(document: bytes) -> msgspec.Raw:
    """A JSON object with the first revision that its content asks for: the same content, the same revision."""
    return msgspec.Raw(revisions.with_revision(document, revisions.first_revision(document)))


def batches(documents: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Documents in the portions that one bulk write carries."""
    return (documents[start : start + BATCH] for start in range(0, len(documents), BATCH))


def _refuse_real_events(database: Database) -> None:
    """Simulated events must never be mixed with real ones; the first page of the feed tells."""
    for page in database.changes("0"):
        for row in page.results:
            kind = row.id.split(":")[1:2]
            if kind and kind[0] in EVENT_KINDS and not row.deleted and not decode_event(row.doc).simulated:
                raise SetupError(
                    f"{database.name} 中有真实上报，不能写入模拟数据 / {database.name} holds real events: simulate "
                    "into an empty store only"
                )
        return
