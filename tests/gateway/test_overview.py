"""The leaders' overview: what turned red today, how lamps went by week, and the divisions below beside one another."""

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from models import calendar
from models.documents import LampWeek, VillageWeeks, Weeks, encode
from models.weeks import sundays
from tests.city import DIANHUTUN, City, bulk, round_of, wait_until

COUNTY, TOWNSHIP, CITY = DIANHUTUN[:6], DIANHUTUN[:9], "3717"


def push(city: City, alias: str, *documents: dict[str, Any]) -> None:
    answer = city.client(alias).post(f"/db/d110-{COUNTY}/_bulk_docs", json=bulk(*documents))
    assert all(row.get("ok") for row in answer.json()), answer.text


def overview(client: httpx.Client, code: str) -> dict[str, Any]:
    wait_until(lambda: client.get(f"/casework/overview/{code}").status_code != 503)
    answer = client.get(f"/casework/overview/{code}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def say(
    city: City, township: str, red: dict[str, list[str]], counts: list[tuple[int, int]], lit: str | None = None
) -> None:
    """What a night would have left of a township, up to yesterday; all of its lamps are those of the village ``lit``.
    An earlier release said nothing of villages."""
    yesterday = calendar.local_day(datetime.now(UTC)) - 1
    ends = sundays(yesterday, 0)[-len(counts) :] if counts else []
    document = Weeks(
        id=f"{township}:weeks",
        catalogue="1",
        policy="1",
        day=calendar.day_of(yesterday),
        weeks=[
            LampWeek(until=calendar.day_of(end), yellow=yellow, red=of)
            for end, (yellow, of) in zip(ends, counts, strict=True)
        ],
        red=red,
        villages={lit: VillageWeeks(yellow=[one for one, _ in counts], red=[one for _, one in counts])} if lit else {},
    )
    address = f"{city.store.url}/d110-{township[:6]}/{document.id}"
    held = httpx.get(address)
    whole = msgspec.structs.replace(document, rev=held.json()["_rev"]) if held.status_code == 200 else document
    assert httpx.put(address, content=encode(whole), headers={"Content-Type": "application/json"}).is_success


def test_without_a_night_nothing_turned_red_and_the_reason_is_said(city: City) -> None:
    found = overview(city.client("g71"), "371771")
    assert (found["day"], found["turned_red"], found["weeks"], found["untold"]) == (None, [], [], 1)
    assert [part["red_before"] for part in found["parts"]] == [None]


def test_what_is_red_and_was_not_yesterday_turned_red_today(city: City) -> None:
    say(city, TOWNSHIP, {}, [])
    client = city.client("z109")
    wait_until(lambda: overview(client, TOWNSHIP)["day"] is not None)
    before = overview(client, TOWNSHIP)
    push(city, "a217", round_of(DIANHUTUN, "a217", {"1.1.2": 5}))
    wait_until(lambda: overview(client, TOWNSHIP)["red"] == before["red"] + 1)
    found = overview(client, TOWNSHIP)
    [turned] = found["turned_red"]
    assert (turned["village"], turned["indicator"], turned["place"][0]) == (DIANHUTUN, "1.1.2", "巨野县")
    head, line = client.get(f"/casework/overview/{TOWNSHIP}/csv", params={"language": "en"}).text.splitlines()
    assert head.lstrip("\ufeff").startswith("No.,County,Township,Village,Code,Indicator,Name")
    assert DIANHUTUN in line and "1.1.2" in line
    say(city, TOWNSHIP, {DIANHUTUN: ["1.1.2"]}, [])  # the next night knew of it
    wait_until(lambda: overview(client, TOWNSHIP)["turned_red"] == [])


def test_weeks_add_up_and_parts_lie_beside_one_another(city: City) -> None:
    counts = [(10, 1), (20, 2), (30, 3), (40, 4), (50, 5)]
    say(city, TOWNSHIP, {}, counts)
    say(city, "371725001", {}, counts[1:])
    client = city.client("s17")
    wait_until(lambda: len(overview(client, COUNTY)["weeks"]) == 5)
    assert [(week["yellow"], week["red"]) for week in overview(client, COUNTY)["weeks"]] == counts
    # of the third county no night has said anything
    whole = overview(client, CITY)
    assert (whole["weeks"], whole["untold"]) == ([], 1)
    parts = {part["code"]: part for part in whole["parts"]}
    assert set(parts) == {COUNTY, "371725", "371771"}
    assert (parts[COUNTY]["red_before"], parts["371725"]["red_before"], parts["371771"]["red_before"]) == (2, 2, None)
    for name in ("yellow", "red"):
        assert sum(part[name] for part in parts.values()) == whole[name]
    below = overview(client, TOWNSHIP)["parts"]
    assert len(below) == parts[COUNTY]["villages"]
    assert overview(client, DIANHUTUN)["weeks"] == []  # a night counts no village by itself
    for name in ("yellow", "red", "silent", "open", "overdue"):
        assert sum(part[name] for part in below) == parts[COUNTY][name]


def sundays_told(count: int) -> list[str]:
    yesterday = calendar.local_day(datetime.now(UTC)) - 1
    return [str(calendar.day_of(day)) for day in sundays(yesterday, 0)[-count:]]


def test_a_point_of_the_trend_opens_the_divisions_below_which_add_up_to_it(city: City) -> None:
    counts = [(10, 1), (20, 2), (30, 3)]
    say(city, TOWNSHIP, {}, counts, DIANHUTUN)
    client = city.client("s17")
    wait_until(lambda: [week["red"] for week in overview(client, TOWNSHIP)["weeks"]] == [1, 2, 3])
    days = sundays_told(3)
    for code in (COUNTY, TOWNSHIP):
        for week, day in zip(overview(client, code)["weeks"], days, strict=True):
            point = client.get(f"/casework/overview/{code}/weeks/{day}").json()
            assert (point["until"], week["until"], point["division"]) == (day, day, code)
            for name in ("yellow", "red"):
                assert point[name] == week[name] == sum(part[name] for part in point["parts"])
    parts = client.get(f"/casework/overview/{TOWNSHIP}/weeks/{days[1]}").json()["parts"]
    assert len(parts) == overview(client, COUNTY)["parts"][0]["villages"]
    assert {part["code"]: (part["yellow"], part["red"]) for part in parts}[DIANHUTUN] == (20, 2)
    head, *lines = client.get(f"/casework/overview/{COUNTY}/weeks/{days[2]}/csv?language=en").text.splitlines()
    assert head.lstrip("\ufeff") == "Code,Name,Villages,Yellow,Red"
    assert [line.split(",")[3:] for line in lines if line.startswith(TOWNSHIP)] == [["30", "3"]]


def test_of_a_week_that_is_not_held_it_is_said_so(city: City) -> None:
    say(city, TOWNSHIP, {}, [(10, 1), (20, 2)])  # as an earlier release wrote it
    client = city.client("s17")
    wait_until(lambda: [week["red"] for week in overview(client, TOWNSHIP)["weeks"]] == [1, 2])
    day = sundays_told(1)[0]
    assert client.get(f"/casework/overview/{COUNTY}/weeks/{day}").json()["red"] == 2
    monday = str(calendar.day_of(calendar.local_day(datetime.now(UTC)) + 1000))
    for code, until in [(TOWNSHIP, day), (COUNTY, monday), (DIANHUTUN, day), (CITY, day)]:
        answer = client.get(f"/casework/overview/{code}/weeks/{until}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_week"), (code, answer.text)
        assert client.get(f"/casework/overview/{code}/weeks/{until}/csv").status_code == 404
    assert client.get(f"/casework/overview/{COUNTY}/weeks/sunday").status_code == 400
    assert city.client("z109").get(f"/casework/overview/{COUNTY}/weeks/{day}").status_code == 403


def test_parts_weeks_and_months_are_saved_as_files(city: City) -> None:
    say(city, TOWNSHIP, {}, [(10, 1), (20, 2)])
    client = city.client("s17")
    wait_until(lambda: [week["red"] for week in overview(client, TOWNSHIP)["weeks"]] == [1, 2])
    found = overview(client, COUNTY)

    def lines(path: str) -> list[list[str]]:
        answer = client.get(path, params={"language": "en"})
        assert answer.status_code == 200, answer.text
        return [line.split(",") for line in answer.text.lstrip("\ufeff").splitlines()]

    head, *parts = lines(f"/casework/overview/{CITY}/parts/csv")
    assert head == ["Code", "Name", "Villages", "Red", "Yellow", "Silent", "Open", "Overdue", "Red four weeks ago"]
    shown = [[part["code"], str(part["red"]), str(part["open"])] for part in overview(client, CITY)["parts"]]
    assert [[part[0], part[3], part[6]] for part in parts] == shown
    head, *weeks, now = lines(f"/casework/overview/{COUNTY}/trend/csv")
    assert head == ["Until", "Yellow", "Red"]
    assert weeks == [[day, str(20 if at else 10), str(at + 1)] for at, day in enumerate(sundays_told(2))]
    assert now[1:] == [str(found["yellow"]), str(found["red"])]
    head, *months = lines(f"/casework/terminal/{COUNTY}/months/csv")
    assert head == ["Month", "Opened", "Cleared"]
    told = client.get(f"/casework/terminal/{COUNTY}").json()["months"]
    assert months == [[one["month"], str(one["opened"]), str(one["cleared"])] for one in told]
    assert client.get(f"/casework/overview/{CITY}/parts/xlsx").content.startswith(b"PK")


def test_the_overview_is_for_who_looks_at_a_whole_division(city: City) -> None:
    say(city, TOWNSHIP, {}, [])
    city.add_account("nongye", "department", COUNTY, department="农业")
    city.add_account("leader", "leader", COUNTY)
    assert overview(city.client("leader"), COUNTY)["division"] == COUNTY
    for alias, code, status in [
        ("nongye", COUNTY, 403),
        ("i0421", DIANHUTUN, 403),
        ("leader", CITY, 403),
        ("z109", COUNTY, 403),
        ("g71", COUNTY, 403),
        ("s17", "371799", 404),
    ]:
        answer = city.client(alias).get(f"/casework/overview/{code}")
        assert answer.status_code == status, (alias, answer.text)
        assert answer.json()["detail_zh"]
