from collections.abc import Iterator

import pytest

from tests.city import DIANHUTUN, KONGZHUANG, City, running_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own for each module, with one account of each kind."""
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0422", "informant", DIANHUTUN)
        city.add_account("a217", "administrator", DIANHUTUN)
        city.add_account("z109", "station", DIANHUTUN[:9])
        city.add_account("g24", "county", DIANHUTUN[:6])
        city.add_account("g71", "county", KONGZHUANG[:6])
        city.add_account("s17", "city", "3717")
        yield city
