import os
from collections.abc import Iterator

import pytest

from tests.city import DIANHUTUN, City, running_city

#: CouchDB's replicator needs a CouchDB: it is a peer wherever D110_COUCHDB_URL names one.
collect_ignore = [] if os.environ.get("D110_COUCHDB_URL") else ["test_couchdb_replicator.py"]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0422", "informant", DIANHUTUN)
        city.add_account("a217", "administrator", DIANHUTUN)
        city.add_account("z109", "station", DIANHUTUN[:9])
        yield city
