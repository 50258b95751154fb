"""How a place is named in lists."""

from models.divisions import Division, Register
from sync_api.casework.views import place_of
from tests.papers import heze


def test_a_county_that_stands_in_its_townships_name_is_said_once() -> None:
    register = heze()
    doubled = [village for village in register.villages if _names(register, village)[1].startswith("成武县")]
    assert doubled  # the official register has such names
    for village in doubled:
        county, township, own = _names(register, village)
        assert place_of(register, village) == [county, township.removeprefix(county), own]


def test_other_places_bear_their_official_names() -> None:
    register = heze()
    assert place_of(register, "371724109217") == _names(register, "371724109217")


def _names(register: Register, village: str) -> list[str]:
    of: list[Division] = [register.divisions[village[:digits]] for digits in (6, 9, 12)]
    return [one.name for one in of]
