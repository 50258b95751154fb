"""How a place is named in lists."""

from models.divisions import Division, Register
from sync_api.casework.views import place_of, place_words
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


def test_a_place_in_one_text_is_as_people_say_it_at_every_level() -> None:
    register = heze()
    assert place_words(register, "371724109217") == "巨野县 田庄镇 佃户屯村"
    assert [place_words(register, code) for code in ("3717", "371724", "371724109")] == [
        "菏泽市",
        "巨野县",
        "巨野县 田庄镇",
    ]
    assert place_words(register, "民政") == "民政"


def _names(register: Register, village: str) -> list[str]:
    of: list[Division] = [register.divisions[village[:digits]] for digits in (6, 9, 12)]
    return [one.name for one in of]
