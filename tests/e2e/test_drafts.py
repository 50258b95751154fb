"""What is half written on a tablet gives way to nothing else unless its person says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.city import DIANHUTUN, City, bulk, report, settle
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, OpenDevice, unlock
from tests.e2e.test_tablet import fill_report, open_tablet, work_item
from tests.photos import photo

HALF = "写了一半的另一条"


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has_text="还有没写完的内容")


def keep(page: Page) -> None:
    dialog(page).get_by_role("button", name="保留草稿").click()
    expect(dialog(page)).to_be_hidden()


def go_on(page: Page) -> None:
    dialog(page).get_by_role("button", name="删去草稿，继续").click()
    expect(dialog(page)).to_be_hidden()


def case_of(city: City, text: str, indicator: str) -> str:
    document = report(DIANHUTUN, "i0423", text=text, severity="general", indicator=indicator)
    assert city.client("i0423").post(f"/db/d110-{DIANHUTUN[:6]}/_bulk_docs", json=bulk(document)).is_success
    return str(document["_id"]).split(":")[-1]


def test_a_correction_asks_before_it_takes_the_place_of_a_draft(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    fill_report(page, "第一条，已上报。")
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "sent")).to_have_count(1)
    fill_report(page, HALF, "1.1.1")
    page.get_by_test_id("tab-work").click()
    page.get_by_test_id("correct").click()
    expect(dialog(page)).to_contain_text(HALF)
    keep(page)
    page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("report-text")).to_have_value(HALF)
    page.get_by_test_id("tab-work").click()
    page.get_by_test_id("correct").click()
    go_on(page)
    expect(page.get_by_test_id("report-amends")).to_be_visible()
    expect(page.get_by_test_id("report-text")).to_have_value("第一条，已上报。")


def test_a_step_of_another_case_asks_before_it_takes_the_place_of_one(city: City, open_device: OpenDevice) -> None:
    first, second = case_of(city, "甲事", "2.2.1"), case_of(city, "乙事", "4.3.1")
    page = open_tablet(open_device(TABLET), city, "a217")
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{first}").click()
    page.get_by_test_id("do-progress").click()
    page.get_by_test_id("step-text").locator("textarea").fill(HALF)
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{second}").click()
    page.get_by_test_id("do-submitted").click()
    keep(page)
    expect(page.get_by_test_id("save-step")).to_have_count(0)
    page.get_by_test_id("do-submitted").click()
    go_on(page)
    expect(page.get_by_test_id("save-step")).to_be_visible()


def test_a_draft_stays_about_its_indicator_unless_its_person_lets_it_go(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    indicator, text = page.get_by_test_id("report-indicator"), page.get_by_test_id("report-text")
    page.goto(f"{city.url}/tablet/#/report/1.1.1")  # nothing is written yet
    expect(indicator).to_contain_text("1.1.1")
    expect(page).to_have_url(f"{city.url}/tablet/#/report")
    fill_report(page, HALF)
    page.goto(f"{city.url}/tablet/#/indicator/1.1.1")
    page.get_by_test_id("report-on-this").click()
    keep(page)
    expect(indicator).to_contain_text("4.3.1")
    page.reload()
    unlock(page, "i0422")
    expect(indicator).to_contain_text("4.3.1")
    expect(text).to_have_value(HALF)
    expect(dialog(page)).to_have_count(0)
    page.goto(f"{city.url}/tablet/#/indicator/1.1.1")
    page.get_by_test_id("report-on-this").click()
    go_on(page)
    expect(indicator).to_contain_text("1.1.1")
    expect(text).to_have_value("")


def test_clearing_asks_before_words_or_photos_go(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0423")
    fill_report(page, HALF)
    page.get_by_test_id("discard-report").click()
    keep(page)
    expect(page.get_by_test_id("report-text")).to_have_value(HALF)
    page.get_by_test_id("discard-report").click()
    go_on(page)
    expect(page.get_by_test_id("report-text")).to_have_value("")
    page.get_by_test_id("report-severity-general").click()  # no words yet: nothing to ask about
    page.get_by_test_id("discard-report").click()
    expect(page.get_by_test_id("discard-report")).to_have_count(0)


def test_a_step_whose_case_was_cleared_meanwhile_is_shown_until_it_is_discarded(
    city: City, open_device: OpenDevice
) -> None:
    case = case_of(city, "丙事", "1.1.2")
    page = open_tablet(open_device(TABLET), city, "a217")
    page.get_by_test_id("tab-cases").click()
    page.get_by_test_id(f"case-{case}").click()
    page.get_by_test_id("do-progress").click()
    page.get_by_test_id("step-text").locator("textarea").fill(HALF)
    page.get_by_test_id("leave-step").click()
    keep(page)
    settle(city, DIANHUTUN, case, "z109")
    left = page.get_by_test_id("left-draft")
    expect(left).to_contain_text(HALF, timeout=WAIT_MS_MAX)
    page.get_by_test_id("discard-left").click()
    go_on(page)
    expect(left).to_have_count(0)
    kept = page.evaluate("localStorage.getItem('d110.sealed.a217.draft.step')")
    assert kept.partition(":")[2] == ""  # its number alone, so that no earlier copy comes back


#: Photos are scaled only when the test says so.
_HOLD = """() => {
    const make = createImageBitmap;
    const held = new Promise((resolve) => { window.letGo = resolve; });
    window.createImageBitmap = async (...all) => { await held; return make(...all); };
}"""


@pytest.mark.parametrize("is_back", [True, False])
def test_photos_that_are_not_ready_when_their_form_is_left_are_in_it_later(
    city: City, open_device: OpenDevice, is_back: bool
) -> None:
    page = open_tablet(open_device(TABLET), city, "i0421")
    fill_report(page, f"离开填报页时照片还在处理（{is_back}）。")
    page.evaluate(_HOLD)
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 600 - n)} for n in range(2)]
    page.get_by_test_id("add-photo").set_input_files(files)
    page.get_by_test_id("tab-lights").click()
    if is_back:  # while they are still worked on
        page.get_by_test_id("new-report").click()
        expect(page.get_by_test_id("save-report")).to_be_disabled()
    page.evaluate("letGo()")
    if not is_back:
        page.wait_for_function("localStorage.getItem('d110.sealed.i0421.late_photos')?.endsWith(':') === false")
        page.get_by_test_id("new-report").click()
    expect(page.get_by_test_id("photo")).to_have_count(2)
    page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text=f"（{is_back}）")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("2 / 2", timeout=WAIT_MS_MAX)
