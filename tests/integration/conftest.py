"""A small county in a real store: the embedded one."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from jobs.couch import Couch
from jobs.register_store import import_register, read_setup
from models.divisions import parse_register
from models.setup import Setup
from sync_api.embedded.launcher import EmbeddedStore

CITY = "3717"
WATCHED_SINCE = date(2026, 1, 1)
REGISTER = """code,level,name,parent
3717,city,菏泽市,
371724,county,巨野县,3717
371724109,township,田庄镇,371724
371724109217,village,佃户屯村,371724109
371724109218,village,东村,371724109
371771,county,经济开发区,3717
371771003,township,佃户屯办事处,371771
371771003022,village,孔庄,371771003
"""


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedStore(tmp_path_factory.mktemp("store")) as store:
        yield store.url


@pytest.fixture
def fresh_store_url(tmp_path: Path) -> Iterator[str]:
    """A store of the test's own, empty."""
    with EmbeddedStore(tmp_path / "store") as store:
        yield store.url


@pytest.fixture
def couch(fresh_store_url: str) -> Iterator[Couch]:
    couch = Couch(fresh_store_url)
    yield couch
    couch.close()


@pytest.fixture
def setup(couch: Couch) -> Setup:
    import_register(couch, CITY, parse_register(REGISTER.encode(), "register.csv"), WATCHED_SINCE)
    return read_setup(couch, CITY)
