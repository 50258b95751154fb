"""The watch list in a real Chromium: who sees it and why, an analyst's verdict, and the quiet mark on the board."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Request, ViewportSize, expect

from models.calendar import LOCAL
from models.documents import NoLongerWatched, Risk, Watched, WatchOutcome, WatchReason, encode
from tests.city import BALIZHUANG, DIANHUTUN, City
from tests.e2e.conftest import TABLET, WALL_SCREEN, OpenDevice, log_in, open_page

TOWNSHIP, COUNTY = DIANHUTUN[:9], DIANHUTUN[:6]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
#: A county of which the night has said nothing.
OTHER = BALIZHUANG[:6]
TODAY = datetime.now(LOCAL).date()
LONG_AGO = TODAY - timedelta(days=180)
REASONS = [
    WatchReason(code="lit", indicator="4.2.1", zh="“公开栏更新”近 4 个月中有 3 个月末亮黄灯", en="Notice board: lit"),
    WatchReason(code="neighbours", zh="同乡镇其他村平均 2.4 项亮灯", en="Other villages: 2.4 lights on average"),
]


def put(city: City, *documents: Risk) -> None:
    for document in documents:
        answer = httpx.put(
            f"{city.store.url}/d110-{document.id[:6]}/{document.id}",
            content=encode(document),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module", autouse=True)
def _night(city: City) -> None:
    """What a night would have said of the village's township; of the others it has said nothing yet."""
    put(
        city,
        Risk(
            id=f"{TOWNSHIP}:risk",
            policy="p",
            model="2026-11-0123abcd",
            watched=[Watched(village=DIANHUTUN, since=TODAY, chance=45, reasons=REASONS)],
            ended=[NoLongerWatched(village=f"{TOWNSHIP}218", since=LONG_AGO, until=TODAY, chance=10, why="better")],
            unknown=[f"{TOWNSHIP}219"],
            outcome=WatchOutcome(on=LONG_AGO, watched=24, worse=11, others=600, others_worse=44),
        ),
    )


def watch_list(open_device: OpenDevice, city: City, alias: str, place: str = "watch", on: ViewportSize = DESK) -> Page:
    page = open_device(on).new_page()
    page.goto(f"{city.url}/board#/{place}")
    log_in(page, alias)
    return page


@pytest.mark.parametrize("alias", ["z109", "g24", "s17", "analyst"])
def test_offices_and_analysts_see_who_is_watched_and_why(city: City, open_device: OpenDevice, alias: str) -> None:
    page = watch_list(open_device, city, alias, "")
    open_page(page, "watch")
    one = page.get_by_test_id(f"watched-{DIANHUTUN}")
    expect(one).to_contain_text("佃户屯村")
    expect(one).to_contain_text(REASONS[0].zh)
    expect(one).to_contain_text("新增")
    expect(one).to_contain_text("可能性 45%")
    expect(one.get_by_test_id("judge")).to_have_count(1 if alias == "analyst" else 0)
    expect(page.get_by_test_id("watch-outcome")).to_contain_text("中的 24 个村，11 个变差；其余 600 个村，44 个")
    expect(page.get_by_test_id(f"dropped-{TOWNSHIP}218")).to_contain_text("可能性已降低")
    unknown = page.get_by_test_id("watch-unknown")
    expect(unknown.locator("summary")).to_contain_text("无法判断（1）")
    unknown.locator("summary").click()
    expect(unknown.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_test_id("watch-page")).to_contain_text("不针对任何人")
    page.get_by_test_id("switch-language").click()
    expect(one).to_contain_text(REASONS[1].en)
    expect(page.get_by_test_id("watch-page")).to_contain_text("never a person")
    expect(page.get_by_test_id(f"dropped-{TOWNSHIP}218")).to_contain_text("its chance fell")


def test_the_list_is_narrowed_searched_and_saved(city: City, open_device: OpenDevice) -> None:
    page = watch_list(open_device, city, "s17")
    one = page.get_by_test_id(f"watched-{DIANHUTUN}")
    page.get_by_test_id("watch-find").fill("没有的村")
    expect(one).to_have_count(0)
    page.get_by_test_id("watch-find").fill("佃户屯")
    expect(one).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_test_id("save-csv").click()
    assert saved.value.suggested_filename.endswith(".csv")
    page.get_by_test_id("scope-3717").select_option(OTHER)
    expect(page.get_by_test_id("watch-not-ready")).to_contain_text("夜间计算还没有给出名单")
    page.get_by_test_id("scope-3717").select_option(COUNTY)
    expect(one).to_be_visible()
    page.get_by_test_id(f"scope-{COUNTY}").select_option(TOWNSHIP)
    expect(one).to_be_visible()
    expect(page.get_by_test_id(f"scope-{TOWNSHIP}")).to_have_count(0)  # a list is of a township at least


def test_an_analyst_gives_a_verdict_once_and_the_station_sees_it(city: City, open_device: OpenDevice) -> None:
    sent: list[Request] = []
    page = watch_list(open_device, city, "analyst")
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/watch/verdicts") else None)
    one = page.get_by_test_id(f"watched-{DIANHUTUN}")
    one.get_by_test_id("judge").click()
    page.get_by_test_id("verdict-wrong").check()
    page.get_by_test_id("verdict-text").fill("请联系13812345678")
    page.get_by_test_id("verdict-send").click()
    expect(one.get_by_role("alert")).to_be_visible()
    expect(page.get_by_test_id("verdict-text")).to_have_value("请联系13812345678")
    expect(page.get_by_test_id("verdict-wrong")).to_be_checked()
    page.reload()
    one.get_by_test_id("judge").click()
    expect(page.get_by_test_id("verdict-text")).to_have_value("请联系13812345678")
    page.get_by_test_id("verdict-text").fill("走访过，公开栏已经更新。")
    page.context.set_offline(True)
    page.get_by_test_id("verdict-send").click()
    expect(one.get_by_role("alert")).to_contain_text("连不上网关")
    page.context.set_offline(False)
    sent.clear()
    page.get_by_test_id("verdict-send").dblclick()
    expect(page.get_by_test_id("verdict-form")).to_have_count(0)
    expect(one.get_by_test_id("verdict")).to_contain_text("不属实 走访过，公开栏已经更新。")
    assert len(sent) == 1

    station = watch_list(open_device, city, "z109")
    expect(station.get_by_test_id("verdict")).to_contain_text("不属实 走访过，公开栏已经更新。")
    expect(station.get_by_test_id("watch-outcome")).to_contain_text("属实 0 条，不属实 1 条")
    verdicts = city.client("z109").get(f"/watch/{TOWNSHIP}").json()["verdicts_wrong"]
    assert verdicts == 1


def test_a_quiet_mark_stands_beside_the_village_for_those_who_may_see_the_list(
    city: City, open_device: OpenDevice
) -> None:
    page = watch_list(open_device, city, "z109", DIANHUTUN)
    expect(page.get_by_test_id("watched")).to_have_text("关注")
    expect(page.get_by_test_id("why-watched")).to_contain_text(REASONS[1].zh)
    page.get_by_test_id("to-list").click()
    expect(page.get_by_test_id(f"watched-{DIANHUTUN}")).to_be_visible()
    page.goto(f"{city.url}/board#/{TOWNSHIP}")
    expect(page.get_by_test_id(f"part-{DIANHUTUN}")).to_contain_text("关注")
    expect(page.get_by_test_id(f"row-{DIANHUTUN}").get_by_role("rowheader")).to_contain_text("关注")
    expect(page.get_by_test_id("legend-watched")).to_contain_text("可能变差，列入关注名单")
    page.goto(f"{city.url}/board#/{TOWNSHIP}218")
    expect(page.get_by_test_id("village-page")).to_be_visible()
    expect(page.get_by_test_id("watched")).to_have_count(0)


@pytest.mark.parametrize("alias", ["a217", "minzheng", "i0421"])
def test_nobody_in_the_village_and_no_department_has_page_or_mark(
    city: City, open_device: OpenDevice, alias: str
) -> None:
    asked: list[str] = []
    page = open_device(DESK).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{city.url}/board#/{DIANHUTUN}")
    log_in(page, alias)
    expect(page.get_by_test_id("village-page")).to_be_visible()
    expect(page.get_by_test_id("to-watch")).to_have_count(0)
    expect(page.get_by_test_id("watched")).to_have_count(0)
    expect(page.get_by_test_id("why-watched")).to_have_count(0)
    page.goto(f"{city.url}/board#/watch")
    expect(page.get_by_test_id("switch-language")).to_be_visible()
    expect(page.get_by_test_id("watch-page")).to_have_count(0)
    assert not [url for url in asked if urlsplit(url).path.startswith("/watch")]


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESK, WALL_SCREEN])
def test_the_page_fits_the_screen(city: City, open_device: OpenDevice, viewport: ViewportSize) -> None:
    page = watch_list(open_device, city, "analyst", on=viewport)
    page.get_by_test_id("switch-language").click()
    page.get_by_test_id("judge").first.click()
    expect(page.get_by_test_id("verdict-form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.get_by_test_id("watch-page").evaluate("page => page.scrollWidth <= page.clientWidth")


def test_an_analyst_looks_into_statistics_and_evaluations_and_into_nothing_that_offices_do(
    city: City, open_device: OpenDevice
) -> None:
    page = watch_list(open_device, city, "analyst", "")
    for name in ("statistics", "evaluation"):
        open_page(page, name)
        expect(page.get_by_test_id(f"{name}-page")).to_be_visible()
    for name in ("entry", "informants", "devices", "quarantine"):
        expect(page.get_by_test_id(f"to-{name}")).to_have_count(0)
