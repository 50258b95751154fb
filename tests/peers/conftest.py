from collections.abc import Iterator

import pytest

from tests.city import DIANHUTUN, City, running_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0422", "informant", DIANHUTUN)
        city.add_account("a217", "administrator", DIANHUTUN)
        city.add_account("z109", "station", DIANHUTUN[:9])
        yield city
