"""The board: lit within two seconds of a push, streamed, resumed."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.catalogue import default_catalogue
from sync_api.access.accounts import AssignedCase
from tests.city import (
    DIANHUTUN,
    City,
    bulk,
    case_event,
    events_of,
    report,
    round_of,
    settle,
    wait_until,
    wait_until_healthy,
)

DB = "/db/d110-371724"
AT = default_catalogue().index
#: What the issue of a light may take from the push to an open board.
BOARD_S_MAX = 2.0


def lamp(client: httpx.Client, village: str, indicator: str) -> str:
    letters: str = client.get(f"/board/{village}").json()["lights"]
    return letters[AT[indicator]]


def push(client: httpx.Client, *documents: Any) -> None:
    rows = client.post(f"{DB}/_bulk_docs", json=bulk(*documents)).json()
    assert all(row.get("ok") for row in rows), rows


class Stream:
    """An open event stream, read by a thread; ``next`` waits for an event of a village."""

    def __init__(self, client: httpx.Client, division: str, last_event_id: str = "") -> None:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self._context = client.stream("GET", f"/board/{division}/events", headers=headers, timeout=30)
        self._response = self._context.__enter__()
        assert self._response.status_code == 200
        self.found: list[tuple[str, dict[str, Any]]] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for event in events_of(self._response):
                with self._news:
                    self.found.append(event)
                    self._news.notify_all()
        except (httpx.StreamError, httpx.TransportError):
            return  # closed by the test

    def next(self, village: str, letter: str, indicator: str, timeout_s: float = BOARD_S_MAX) -> dict[str, Any]:
        def matching() -> list[dict[str, Any]]:
            events = [data for name, data in self.found if name == "lights" and data["village"] == village]
            return [data for data in events if data["lights"][AT[indicator]] == letter]

        with self._news:
            assert self._news.wait_for(matching, timeout_s), f"no {letter} for {indicator}: {self.found}"
            return matching()[-1]

    def close(self) -> None:
        # the reader sits in a blocking read: hang up, so that it ends at once
        self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._context.__exit__(None, None, None)


@pytest.fixture
def stream(city: City):
    found = Stream(city.client("z109"), "371724109")
    yield found
    found.close()


def test_a_push_reaches_an_open_board_within_two_seconds(city: City, stream: Stream) -> None:
    push(city.client("i0421"), report(DIANHUTUN, "i0421", indicator="2.4.3"))
    begun = time.monotonic()
    stream.next(DIANHUTUN, "y", "2.4.3")
    assert time.monotonic() - begun <= BOARD_S_MAX


def test_a_reading_and_its_correction_show_on_the_board(city: City, stream: Stream) -> None:
    at = datetime.now(UTC)
    push(city.client("a217"), round_of(DIANHUTUN, "a217", {"1.1.4": 50}, at=at))
    stream.next(DIANHUTUN, "r", "1.1.4")
    correction = round_of(DIANHUTUN, "a217", {"1.1.4": 95}, at=at + timedelta(milliseconds=1))
    push(city.client("a217"), correction)
    stream.next(DIANHUTUN, "g", "1.1.4")


def test_a_reading_that_arrives_late_does_not_replace_a_later_one(city: City, stream: Stream) -> None:
    now = datetime.now(UTC)
    administrator = city.client("a217")
    push(administrator, round_of(DIANHUTUN, "a217", {"2.7.1": 93}, at=now))
    stream.next(DIANHUTUN, "y", "2.7.1")
    old = round_of(DIANHUTUN, "a217", {"2.7.1": 99, "3.1.4": 70}, at=now - timedelta(days=3))
    push(administrator, old)
    stream.next(DIANHUTUN, "r", "3.1.4")
    assert lamp(administrator, DIANHUTUN, "2.7.1") == "y"


def test_a_case_is_followed_until_it_is_cleared_and_the_lamp_is_green_again(city: City, stream: Stream) -> None:
    opened = report(DIANHUTUN, "i0421", indicator="3.3.1", severity="major")
    case = opened["_id"].rsplit(":", 1)[1]
    push(city.client("i0421"), opened)
    stream.next(DIANHUTUN, "r", "3.3.1")
    station = city.client("z109")
    shown = station.get(f"/board/{DIANHUTUN}").json()["cases"]
    assert [(c["indicator"], c["severity"]) for c in shown if c["case"] == case] == [("3.3.1", "major")]
    settle(city, DIANHUTUN, case, "g24", found="荒地界线不清", done="已调解划界")
    stream.next(DIANHUTUN, "g", "3.3.1")
    assert case not in [c["case"] for c in station.get(f"/board/{DIANHUTUN}").json()["cases"]]


def test_a_stream_resumes_where_it_was_cut_off(city: City) -> None:
    station = city.client("z109")
    event_id = station.get("/board/371724109").json()["event_id"]
    push(city.client("i0421"), report(DIANHUTUN, "i0421", indicator="5.3.3"))
    first = Stream(station, "371724109", event_id)
    try:
        first.next(DIANHUTUN, "y", "5.3.3")
    finally:
        first.close()
    again = Stream(station, "371724109", event_id)
    try:
        again.next(DIANHUTUN, "y", "5.3.3")
        assert "reset" not in [name for name, _ in again.found]
    finally:
        again.close()


def test_documents_written_past_the_gateway_do_not_stop_it(city: City, stream: Stream) -> None:
    store = f"{city.store.url}/d110-371724"
    village = "371724109218"
    broken = {
        f"{village}:lights": {"type": "lights", "lights": 7},
        f"{village}:round:a1:{ULID()}": {"type": "round"},
        f"{DIANHUTUN}:report:i1:{ULID()}": {"type": "report", "villager": "x"},
        f"{DIANHUTUN}:round:a217:nonsense": {"type": "round"},
    }
    for identity, body in broken.items():
        assert httpx.put(f"{store}/{identity}", json=body).status_code == 201
    push(city.client("i0421"), report(DIANHUTUN, "i0421", indicator="4.1.2"))
    stream.next(DIANHUTUN, "y", "4.1.2")
    assert city.client("z109").get("/board/371724109").status_code == 200


def test_a_county_imported_later_joins_the_board(city: City) -> None:
    register = city.raw("d110-3717/3717:register")
    new = "371722,county,单县,3717\n371722001,township,某街道,371722\n371722001001,village,某村,371722001\n"
    assert httpx.put(f"{city.store.url}/d110-371722").status_code == 201
    changed = register | {"csv": register["csv"] + new}
    assert httpx.put(f"{city.store.url}/d110-3717/3717:register", json=changed).status_code == 201
    wait_until(lambda: city.client("s17").get("/board/371722").status_code == 200)
    wait_until_healthy(city.url)


@pytest.mark.parametrize("last_event_id", ["another-7", "nonsense", "99999999999"])
def test_a_stream_that_cannot_be_resumed_says_so(city: City, last_event_id: str) -> None:
    client = city.client("z109")
    with client.stream("GET", "/board/371724109/events", headers={"Last-Event-ID": last_event_id}) as response:
        name, _ = next(events_of(response))
    assert name == "reset"


def test_the_stream_of_a_township_tells_nothing_of_another(city: City) -> None:
    other = Stream(city.client("g71"), "371771003")
    try:
        own = city.client("z109")
        case = str(ULID())
        push(own, case_event(DIANHUTUN, case, "z109", "opened", indicator="5.4.3", severity="general"))
        mine = Stream(own, "371724109", own.get("/board/371724109").json()["event_id"].rsplit("-", 1)[0] + "-0")
        try:
            mine.next(DIANHUTUN, "y", "5.4.3")
        finally:
            mine.close()
        assert [data for name, data in other.found if name == "lights"] == []
    finally:
        other.close()


def test_the_board_of_a_division_lists_all_below_it_and_90_lamps_a_village(city: City) -> None:
    board = city.client("s17").get("/board/3717").json()
    codes = [code for code, _ in board["divisions"]]
    assert codes == sorted(codes)
    villages = [code for code in codes if len(code) == 12]
    assert len(board["lights"]) == 90 * len(villages)
    assert set(board["lights"]) <= set("gsyr")
    assert board["simulated"] is False
    place = villages.index(DIANHUTUN)
    own = city.client("z109").get(f"/board/{DIANHUTUN}").json()
    assert board["lights"][90 * place : 90 * place + 90] == own["lights"]
    assert [a["code"] for a in own["ancestors"]] == ["3717", "371724", "371724109"]


def test_a_department_sees_the_open_cases_assigned_to_it_overdue_first_and_no_others(city: City) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=100)
    new = report(DIANHUTUN, "a217", indicator="5.6.1", severity="major")
    overdue = report(DIANHUTUN, "a217", indicator="5.6.2", severity="minor", at=long_ago)
    cleared = report(DIANHUTUN, "a217", indicator="5.6.3", severity="general")
    others = report(DIANHUTUN, "a217", indicator="5.5.1", severity="major")
    documents = (new, overdue, cleared, others)
    new_case, overdue_case, cleared_case, others_case = (document["_id"].rsplit(":", 1)[1] for document in documents)
    push(city.client("a217"), *documents)
    settle(city, DIANHUTUN, cleared_case, "z109")
    assigned = tuple(AssignedCase(DIANHUTUN, case) for case in (new_case, overdue_case, cleared_case))
    city.add_account("minzheng", "department", DIANHUTUN[:6], cases=assigned)
    department = city.client("minzheng")

    def found() -> dict[str, Any]:
        answer: dict[str, Any] = department.get("/cases").json()
        return answer

    wait_until(lambda: [c["case"] for c in found()["cases"]] == [overdue_case, new_case])
    assert found()["assigned"] == 3
    assert [c.get("is_overdue", False) for c in found()["cases"]] == [True, False]
    assert found()["cases"][0]["village"] == DIANHUTUN
    assert found()["cases"][0]["place"] == ["巨野县", "田庄镇", "佃户屯村村民委员会"]
    shown = [c["case"] for c in department.get(f"/board/{DIANHUTUN}").json()["cases"]]
    assert set(shown) == {new_case, overdue_case}
    assert others_case in [c["case"] for c in city.client("z109").get(f"/board/{DIANHUTUN}").json()["cases"]]
    assert department.get("/board/371724").status_code == 403


def test_whoever_is_no_department_has_no_assigned_cases(city: City) -> None:
    answer = city.client("z109").get("/cases").json()
    assert (answer["assigned"], answer["cases"]) == (0, [])
