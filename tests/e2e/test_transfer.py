"""What a tablet holds follows what its user may see and which store there is; its clock does not matter."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from ulid import ULID

from tests.city import DIANHUTUN, City, bulk, case_event, fill, report, running_city, small_register, wait_until_healthy
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, OpenDevice, enter
from tests.e2e.test_tablet import TEXT, expect_phase, fill_report, open_tablet, work_item

NEIGHBOUR = "371724109218"
DB = "/db/d110-371724"
#: The ids of all that the browser's databases hold, sealed; deleted bodies too.
_HELD = """async () => {
    const held = [];
    for (const { name } of await indexedDB.databases()) {
        if (!name.startsWith('_pouch_d110:')) continue;
        const database = await new Promise((resolve, reject) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = reject;
        });
        const asked = database.transaction('by-sequence').objectStore('by-sequence').getAll();
        await new Promise((resolve) => { asked.onsuccess = resolve; });
        held.push(...asked.result.filter((one) => one.sealed).map((one) => one._doc_id_rev));
        database.close();
    }
    return held.join();
}"""

#: Until a document is held, or is held no more.
_UNTIL_HELD = f"""async ([id, isHeld, waitMs]) => {{
    const end = performance.now() + waitMs;
    while ((await ({_HELD})()).includes(id) !== isHeld) {{
        if (performance.now() > end) throw new Error('it never came to that');
        await new Promise((resolve) => setTimeout(resolve, 50));
    }}
}}"""


@pytest.fixture
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of its own for each test: they change its store and its clock."""
    with running_city(tmp_path_factory.mktemp("city")) as city:
        city.add_account("i0421", "informant", DIANHUTUN)
        city.add_account("i0431", "informant", NEIGHBOUR)
        city.add_account("z109", "station", DIANHUTUN[:9])
        yield city


def held(page: Page) -> str:
    text: str = page.evaluate(_HELD)
    return text


def test_a_narrower_scope_takes_from_the_tablet_what_it_may_no_longer_see_and_a_wider_one_brings_it(
    city: City, open_device: OpenDevice
) -> None:
    city.add_account("a217", "administrator", DIANHUTUN, NEIGHBOUR)
    own, other = report(DIANHUTUN, "i0421", text="本村的一件事"), report(NEIGHBOUR, "i0431", text="邻村的一件事")
    assert city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(own)).json()[0]["ok"]
    assert city.client("i0431").post(f"{DB}/_bulk_docs", json=bulk(other)).json()[0]["ok"]
    case = str(ULID())
    words = {"author": "z109", "indicator": "4.2.1", "severity": "minor"}
    city.add_account("a218", "administrator", DIANHUTUN)
    done = {"found": "已查", "done": "已办", "verified_by": "z109"}
    for step in (
        case_event(DIANHUTUN, case, step="opened", **words),
        case_event(DIANHUTUN, case, step="progress", author="a218", text="已办"),
        # a document with a field of a name that the answer's own lines have, too
        case_event(DIANHUTUN, case, step="cleared", **done, **words),
    ):
        assert city.client(step["author"]).post(f"{DB}/_bulk_docs", json=bulk(step)).json()[0]["ok"]
    page = open_tablet(open_device(TABLET), city, "a217")
    assert own["_id"] in held(page) and other["_id"] in held(page)

    for divisions, sees in (([DIANHUTUN], False), ([DIANHUTUN, NEIGHBOUR], True)):
        city.change_account("a217", divisions=divisions)
        page.get_by_test_id("sync-now").click()
        page.evaluate(_UNTIL_HELD, [other["_id"], sees, WAIT_MS_MAX])
        now = held(page)
        assert (own["_id"] in now, other["_id"] in now) == (True, sees)

    city.change_account("a217", divisions=[NEIGHBOUR])
    page.get_by_test_id("sync-now").click()
    page.evaluate(_UNTIL_HELD, [own["_id"], False, WAIT_MS_MAX])
    expect_phase(page, "idle")
    fill_report(page)  # the page stands in the village that is now theirs
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    assert (work_item(page, "sent").get_attribute("data-id") or "").startswith(NEIGHBOUR)


def test_who_moves_in_the_middle_of_the_first_sync_keeps_nothing_of_the_old_village(
    city: City, open_device: OpenDevice
) -> None:
    city.add_account("a217", "administrator", DIANHUTUN)
    own, other = report(DIANHUTUN, "i0421", text="旧村的一件事"), report(NEIGHBOUR, "i0431", text="新村的一件事")
    assert city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(own)).json()[0]["ok"]
    assert city.client("i0431").post(f"{DB}/_bulk_docs", json=bulk(other)).json()[0]["ok"]
    pulls: list[str] = []

    def cut(route: Route) -> None:
        """The first answer ends behind the page with the report; then there is no network."""
        pulls.append(route.request.url)
        if len(pulls) > 1:
            return route.abort()
        answer = route.fetch()
        lines = answer.text().splitlines(keepends=True)
        at = next(at for at, line in enumerate(lines) if "旧村的一件事" in line)
        end = next(n for n, line in enumerate(lines) if n > at and line.startswith('{"since":"range~'))
        headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
        return route.fulfill(status=200, headers=headers, body="".join(lines[: end + 1]))

    page = open_device(TABLET).new_page()
    page.route("**/_pull", cut)
    page.goto(f"{city.url}/tablet/")
    enter(page, "a217")
    page.evaluate(_UNTIL_HELD, [own["_id"], True, WAIT_MS_MAX])
    city.change_account("a217", divisions=[NEIGHBOUR])
    page.unroute("**/_pull")
    page.get_by_test_id("sync-now").click()
    page.evaluate(_UNTIL_HELD, [other["_id"], True, WAIT_MS_MAX])
    expect_phase(page, "idle")
    assert own["_id"] not in held(page)
    fill_report(page)  # the page stands in the new village
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    assert (work_item(page, "sent").get_attribute("data-id") or "").startswith(NEIGHBOUR)


def test_a_store_that_was_reset_is_given_again_what_the_tablet_wrote(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    fill_report(page)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    identity = work_item(page, "sent").get_attribute("data-id")

    device.set_offline(True)  # or it gives it again before anybody has looked
    city.store.stop()
    shutil.rmtree(city.store.folder)
    city.store.start()
    fill(city.store.url, small_register(), datetime.now(UTC).date())
    city.add_account("i0421", "informant", DIANHUTUN)
    wait_until_healthy(city.url)
    assert httpx.get(f"{city.store.url}/d110-371724/{identity}").status_code == 404
    device.set_offline(False)
    with page.expect_response(lambda answer: answer.url.endswith("_bulk_docs") and answer.ok):
        page.get_by_test_id("sync-now").click()
    expect_phase(page, "idle")
    assert city.raw(f"d110-371724/{identity}")["text"] == TEXT
    expect(work_item(page, "sent")).to_have_count(1)


def test_a_tablet_whose_clock_is_years_wrong_reports_at_the_right_time(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = device.new_page()
    page.clock.set_fixed_time(datetime.now(UTC) - timedelta(days=4_000))
    page.close()
    page = open_tablet(device, city, "i0421")
    assert page.evaluate("Date.now()") < (datetime.now(UTC) - timedelta(days=3_999)).timestamp() * 1000
    device.set_offline(True)
    fill_report(page)
    page.get_by_test_id("save-report").click()
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(1)
    stored = city.raw(f"d110-371724/{work_item(page, 'sent').get_attribute('data-id')}")
    assert abs(datetime.fromisoformat(stored["saved_at"]) - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_store_that_was_put_back_to_an_earlier_state_is_to_the_tablet_another_one(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    fill_report(page)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    refusal = {"error": "bad_request", "code": "bad_since", "reason": "since 参数超出现有数据。 / Not come to yet."}
    device.route("**/_pull", lambda route: route.fulfill(status=400, json=refusal), times=1)
    # anew, so that what has no receipt there goes out again
    with page.expect_request(lambda one: one.url.endswith("/_pull") and one.post_data_json["since"] == ""):
        page.get_by_test_id("sync-now").click()
    expect_phase(page, "idle")
    expect(work_item(page, "sent")).to_have_count(1)
