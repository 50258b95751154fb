"""Patrols, meetings and work teams through their pages, in a real Chromium."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize, expect

from models.calendar import LOCAL
from tests.city import DIANHUTUN, City
from tests.e2e.conftest import WALL_SCREEN, OpenDevice, open_page
from tests.e2e.test_casework import open_board, reported

PHONE: ViewportSize = {"width": 360, "height": 740}
COUNTY = DIANHUTUN[:6]


def test_a_lot_is_announced_by_one_and_drawn_by_the_word_of_another(city: City, open_device: OpenDevice) -> None:
    centre = open_board(open_device, city, "g24", "patrols", WALL_SCREEN)
    centre.get_by_test_id("patrol-lot").click()
    centre.get_by_test_id("patrol-count").fill("1")
    centre.get_by_test_id("patrol-text").fill("十一月抽查")
    centre.get_by_test_id("patrol-send").click()
    waiting = centre.get_by_test_id("patrol").filter(has_text="十一月抽查")
    expect(waiting).to_contain_text("等待另一位同事见证抽签")
    expect(waiting.get_by_test_id("lot-word")).to_have_count(0)

    witness = open_board(open_device, city, "s17", "patrols", WALL_SCREEN)
    announced = witness.get_by_test_id("patrol").filter(has_text="十一月抽查")
    announced.get_by_test_id("lot-word").fill("瑞雪")
    announced.get_by_test_id("lot-draw").click()
    expect(announced.locator("ol li")).to_have_count(1)
    announced.locator("details").first.click()
    hashes = announced.locator(".hash").all_inner_texts()
    seal, secret = (re.sub(r"^.*: ", "", text) for text in hashes)
    assert hashlib.sha256(secret.encode()).hexdigest() == seal

    centre.reload()
    drawn = centre.get_by_test_id("patrol").filter(has_text="十一月抽查")
    drawn.locator("[data-testid^=check-]").first.click()
    form = drawn.get_by_test_id("inspection-form")
    form.get_by_test_id("inspection-text").fill("公开栏已更新")
    form.get_by_test_id("add-reading").click()
    form.get_by_test_id("reading-code-0").select_option(index=1)
    field = form.get_by_test_id("reading-0")
    if field.evaluate("one => one.tagName") == "SELECT":
        field.select_option("yes")
    else:
        field.fill("2026-01-05" if field.get_attribute("type") == "date" else "1")
    form.get_by_test_id("inspection-send").click()
    expect(drawn.locator(".check")).to_contain_text("公开栏已更新")

    centre.get_by_test_id("check-alone").click()
    centre.get_by_test_id("village-field").fill("佃户屯村 田庄镇")
    centre.get_by_test_id("inspection-text").fill("路过时查看")
    centre.get_by_test_id("inspection-send").click()
    expect(centre.get_by_test_id("check-by-itself")).to_contain_text("路过时查看")
    centre.get_by_test_id("switch-language").click()
    expect(centre.get_by_test_id("patrol").filter(has_text="十一月抽查")).to_contain_text("By lot")


def test_a_conference_goes_from_its_agenda_to_a_task_that_is_accepted(city: City, open_device: OpenDevice) -> None:
    city.add_account("d1", "department", COUNTY, department="民政")
    city.add_account("d5", "department", COUNTY, department="纪检")
    case = reported(city, "校舍变卖没有公开账目", severity="major")
    centre = open_board(open_device, city, "g24", "joint/meetings", WALL_SCREEN)
    centre.get_by_test_id("propose-agenda").click()
    draft = centre.get_by_test_id("agenda-draft")
    points = draft.locator("[data-testid^=point-red-]")
    expect(points.first).to_be_visible()
    texts = [points.nth(at).input_value() for at in range(points.count())]
    [mine] = [at for at, text in enumerate(texts) if "校舍变卖没有公开账目" in text]
    for at in range(points.count()):  # a person decides what is talked about
        if at != mine:
            draft.get_by_test_id(f"keep-red-{at}").uncheck()
    for box in draft.locator("[data-testid^=keep-]:not([data-testid^=keep-red-])").all():
        box.uncheck()
    draft.get_by_test_id("who-is-invited").click()
    draft.get_by_test_id("departments-民政").check()
    draft.get_by_test_id("held-on").fill(str(datetime.now(LOCAL).date()))  # minutes are not taken before its day
    draft.get_by_test_id("approve-agenda").click()
    expect(centre.get_by_test_id("agenda")).to_have_count(1)
    centre.get_by_test_id("issue-agenda").click()
    expect(centre.get_by_test_id("agenda-paper")).to_contain_text("巨动管〔")

    centre.get_by_test_id("minutes-of").click()
    centre.get_by_test_id("decision-0").fill("民政局牵头核查，账目张榜公布")
    centre.get_by_test_id("lead-0").select_option("民政")
    centre.get_by_test_id("checker-0").select_option("纪检")
    centre.get_by_test_id("who-came").click()
    expect(centre.get_by_test_id("departments-民政")).to_be_checked()  # as invited
    centre.get_by_test_id("observers-司法").check()
    centre.get_by_test_id("excused-司法").check()  # in one way only
    expect(centre.get_by_test_id("observers-司法")).not_to_be_checked()
    expect(centre.get_by_test_id("minutes-lack")).to_have_text("请填写主持人的职务。")
    expect(centre.get_by_test_id("store-minutes")).to_be_disabled()
    centre.get_by_test_id("chair").fill("管理中心主任")
    centre.get_by_test_id("store-minutes").click()
    expect(centre.get_by_test_id("meeting")).to_have_count(1)
    expect(centre.get_by_test_id("joint-refused")).to_have_count(0)
    centre.get_by_test_id("issue-minutes").click()
    expect(centre.get_by_test_id("minutes-paper")).to_contain_text("巨动管纪〔")

    department = open_board(open_device, city, "d1", "notices")
    department.get_by_test_id("notice-row").filter(has_text="纪要").click()
    paper = department.get_by_test_id("notice")
    expect(paper).to_contain_text("检查单位：纪委监委")
    expect(paper).to_contain_text("请假：司法局")
    department.get_by_test_id("acknowledge").click()
    expect(department.get_by_test_id("acknowledge")).to_have_count(0)
    open_page(department, "tasks")
    task = department.get_by_test_id("resolution")
    expect(task).to_contain_text("账目张榜公布")
    expect(department.get_by_test_id(f"case-{case}")).to_be_visible()  # the case was handed over with it
    task.get_by_test_id("resolution-text").fill("账目已张榜")
    task.get_by_test_id("resolution-done").click()
    expect(department.get_by_test_id("resolution")).to_have_count(0)

    open_page(centre, "tasks")  # the minutes name another office to check it
    expect(centre.get_by_test_id("tasks-page")).to_be_visible()
    expect(centre.get_by_test_id("resolution")).to_have_count(0)
    checker = open_board(open_device, city, "d5", "tasks")
    done = checker.get_by_test_id("resolution")
    expect(done).to_contain_text("账目已张榜")
    done.get_by_test_id("resolution-text").fill("群众认可")
    done.get_by_test_id("resolution-accept").click()
    expect(checker.get_by_test_id("resolution")).to_have_count(0)


def test_a_team_is_sent_where_it_is_needed_and_withdrawn_with_what_came_of_it(
    city: City, open_device: OpenDevice
) -> None:
    for number in range(3):
        reported(city, f"群众围堵村委会 {number}", severity="major")
    page = open_board(open_device, city, "g24", "joint/teams", WALL_SCREEN)
    needed = page.get_by_test_id("teams-needed").get_by_test_id(f"team-of-{DIANHUTUN}")
    expect(needed).to_contain_text("建议派县工作组")
    needed.get_by_test_id("team-start").click()
    page.get_by_test_id("team-text").fill("驻村整顿，理清账目")
    page.get_by_test_id("team-send").click()
    there = page.get_by_test_id("teams-there").get_by_test_id(f"team-of-{DIANHUTUN}")
    expect(there).to_contain_text("驻村整顿，理清账目")
    there.get_by_test_id("team-withdraw").click()
    page.get_by_test_id("team-text").fill("账目公开，班子调整")
    page.get_by_test_id("team-send").click()
    expect(page.get_by_test_id("teams-withdrawn")).to_contain_text("账目公开，班子调整")


@pytest.mark.parametrize("place", ["patrols", "joint/meetings", "joint/teams"])
def test_nothing_is_cut_off_on_a_narrow_screen(city: City, open_device: OpenDevice, place: str) -> None:
    reported(city, "窄屏" * 60, severity="major")
    page = open_board(open_device, city, "g24", place, PHONE)
    expect(page.locator("section.office .sums").first).to_be_visible()
    if place == "joint/meetings":
        page.get_by_test_id("propose-agenda").click()
        expect(page.get_by_test_id("agenda-draft")).to_be_visible()
    assert page.evaluate("document.querySelector('section.office').scrollWidth") <= 360
    assert page.evaluate("document.querySelector('.board > header').offsetHeight") <= 740 / 5
    page.get_by_test_id("choose-page").select_option("ledger")
    expect(page.get_by_test_id("ledger-page")).to_be_visible()
