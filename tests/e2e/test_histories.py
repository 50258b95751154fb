"""The three histories of the source on their villages, all of it in a browser: tablet without a network → light and
board → the pages of station, centre and department → all-clear; the nightly run agrees at every turn (mission 9)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from jobs.console import today_in_heze
from jobs.couch import Couch
from jobs.nightly import run_nightly
from jobs.register_store import read_setup
from models.catalogue import default_catalogue
from models.documents import Severity
from tests.city import BALIZHUANG, DIANHUTUN, KONGZHUANG, City, running_city
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, choose_pin, log_in

AT = default_catalogue().index
#: From the gateway's word that a push was taken to the lamp on an open board.
BOARD_MS_MAX = 2_000


#: Offices, and the letter that the aliases of their accounts begin with.
OFFICES = {"administrator": "a", "station": "z", "county": "g", "department": "d"}
#: The papers that steps are taken with.
PAPERS = {"noticed": "warning", "deadline": "rectification"}
#: An office, the step it records, and what it fills in.
Step = tuple[str, str, dict[str, str]]


@dataclass(frozen=True)
class History:
    """What was seen, by whom it was dealt with, and how it ended."""

    village: str
    indicator: str
    severity: Severity
    light: str
    text: str
    department: str
    steps: list[Step]


A = History(
    BALIZHUANG,
    "1.6.3",
    "general",
    "y",
    "换届后部分党员群众怀疑新当选支部书记的入党手续，准备上访。",
    "纪检",
    [
        ("station", "noticed", {"asked": "请村支部三日内说明情况"}),
        ("station", "assigned", {"department": "纪检", "text": "会同组织部门和镇党委调查"}),
        ("department", "taken", {}),
        ("department", "progress", {"text": "已调取入党档案"}),
        ("department", "submitted", {"done": "手续齐全，已向党员群众说明"}),
        ("station", "reviewed", {"is_better": "better", "text": "群众表示理解"}),
        ("station", "cleared", {"found": "手续齐全，符合条件"}),
    ],
)
B = History(
    DIANHUTUN,
    "4.3.2",
    "major",
    "r",
    "拍卖废弃小学校舍没有开会，所得没有公示，群众心情激愤。",
    "民政",
    [
        ("station", "noticed", {"asked": "三日内公开账目"}),
        ("county", "assigned", {"department": "民政"}),
        ("department", "taken", {}),
        ("county", "team_sent", {"text": "民政局牵头组成联合工作组进村"}),
        ("department", "progress", {"text": "已公开交易细节，村支书向群众道歉"}),
        ("department", "submitted", {"done": "重新组建民主理财小组"}),
        ("station", "reviewed", {"is_better": "worse", "text": "公示栏还没有张贴"}),
        ("county", "deadline", {"asked": "张贴账目，重建理财小组"}),
        ("department", "submitted", {"done": "账目已张贴公示"}),
        # the county sent the team: somebody else looks
        ("station", "reviewed", {"is_better": "better", "text": "群众评议满意"}),
        ("county", "cleared", {"found": "处置集体资产没有民主议事"}),
    ],
)
C = History(
    KONGZHUANG,
    "3.3.1",
    "major",
    "r",
    "荒地纠纷引起厮打，双方家族对峙，随时可能发生械斗。",
    "土地",
    [
        ("county", "taken", {}),
        ("county", "assigned", {"department": "土地", "text": "司法、公安、卫生同去"}),
        ("county", "team_sent", {"text": "四部门联合到场"}),
        ("department", "progress", {"text": "现场划清界线"}),
        ("administrator", "submitted", {"done": "双方签订调解协议"}),
        ("station", "reviewed", {"is_better": "better", "text": "双方当面认可"}),
        ("county", "cleared", {"found": "荒地权属不清引起"}),
    ],
)
HISTORIES = {"A 郓城": A, "B 巨野佃户屯": B, "C 开发区孔庄": C}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    with running_city(folder) as city:
        Night(city, folder / "mirror").run()  # the first lights of a new city
        for number, history in enumerate(HISTORIES.values()):
            city.add_account(f"a{number}", "administrator", history.village)
            city.add_account(f"z{number}", "station", history.village[:9])
            city.add_account(f"g{number}", "county", history.village[:6])
            city.add_account(f"d{number}", "department", history.village[:6], department=history.department)
        yield city


def open_page(device: BrowserContext, url: str, alias: str) -> Page:
    page = device.new_page()
    page.goto(url)
    log_in(page, alias)
    expect(page.get_by_test_id("login-submit")).to_have_count(
        0, timeout=WAIT_MS_MAX
    )  # a page that goes on is logged in
    expect(page.get_by_test_id("login-submit")).to_have_count(0)
    return page


def write_report(page: Page, history: History) -> None:
    page.get_by_test_id("new-report").click()
    page.get_by_test_id("report-indicator").click()
    page.get_by_test_id(f"pick-{history.indicator}").click()
    page.get_by_test_id(f"report-severity-{history.severity}").click()
    page.get_by_test_id("report-text").fill(history.text)
    page.get_by_test_id("save-report").click()


class Night:
    """The nightly run on the city's store; it must find every light as the gateway left it."""

    def __init__(self, city: City, mirror: Path) -> None:
        self._city, self._mirror = city, mirror

    def run(self) -> None:
        couch = Couch(self._city.store.url)
        try:
            runs = run_nightly(couch, read_setup(couch, "3717"), self._mirror, today_in_heze(), lambda _: None)
        finally:
            couch.close()
        assert [run.fault for run in runs if run.fault] == []

    def agrees_on(self, village: str) -> None:
        path = f"d110-{village[:6]}/{village}:lights"
        before = self._city.raw(path)
        self.run()
        assert self._city.raw(path) == before


@pytest.mark.parametrize("name", sorted(HISTORIES))
def test_a_history_runs_from_an_offline_tablet_to_the_all_clear(
    name: str, city: City, open_device: OpenDevice, tmp_path: Path
) -> None:
    history, number = HISTORIES[name], sorted(HISTORIES).index(name)
    night = Night(city, tmp_path / "mirror")
    board = open_page(open_device(WALL_SCREEN), f"{city.url}/board#/{history.village}", f"z{number}")
    device = open_device(TABLET)
    tablet = open_page(device, f"{city.url}/tablet/", f"a{number}")
    choose_pin(tablet)
    lamp = board.get_by_test_id(f"lamp-{history.indicator}")
    expect(lamp).to_have_attribute("data-light", "g")
    expect(tablet.get_by_test_id("village-lights")).to_have_attribute("data-lights", "g" * 90, timeout=WAIT_MS_MAX)

    device.set_offline(True)
    write_report(tablet, history)
    item = tablet.get_by_test_id("work-item").first
    expect(item).to_have_attribute("data-state", "waiting")
    expect(lamp).to_have_attribute("data-light", "g")
    case = str(item.get_attribute("data-id")).rsplit(":", 1)[1]

    pushed_at: list[float] = []

    def note(response: Response) -> None:
        if response.url.endswith("/_bulk_docs") and response.status == 201:
            pushed_at.append(time.monotonic())

    tablet.on("response", note)
    device.set_offline(False)
    expect(item).to_have_attribute("data-state", "sent", timeout=WAIT_MS_MAX)
    expect(lamp).to_have_attribute("data-light", history.light, timeout=BOARD_MS_MAX)
    assert (time.monotonic() - pushed_at[0]) * 1000 <= BOARD_MS_MAX
    tablet.get_by_test_id("tab-lights").click()
    lights = tablet.get_by_test_id("village-lights")
    expect(lights).to_have_attribute("data-lights", with_light(history), timeout=WAIT_MS_MAX)
    night.agrees_on(history.village)

    desks = {office: open_device(WALL_SCREEN) for office in OFFICES}
    pages = {
        office: open_page(desk, f"{city.url}/board", f"{OFFICES[office]}{number}") for office, desk in desks.items()
    }
    *before, last = history.steps
    for step in before:
        record(pages[step[0]], city.url, history.village, case, step)
    expect(lamp).to_have_attribute("data-light", history.light)
    night.agrees_on(history.village)
    record(pages[last[0]], city.url, history.village, case, last)
    expect(lamp).to_have_attribute("data-light", "g", timeout=BOARD_MS_MAX)
    expect(lights).to_have_attribute("data-lights", "g" * 90, timeout=WAIT_MS_MAX)
    night.agrees_on(history.village)
    history_steps = pages["county"].get_by_test_id("history").locator("[data-testid^=entry-]")
    open_case(pages["county"], city.url, history.village, case)
    expect(history_steps).to_have_count(len(history.steps) + 1)
    for entry, (_, step, _) in enumerate(history.steps, 1):
        expect(history_steps.nth(entry)).to_have_attribute("data-testid", f"entry-{step}")


def with_light(history: History) -> str:
    place = AT[history.indicator]
    return "g" * place + history.light + "g" * (89 - place)


def open_case(page: Page, url: str, village: str, case: str) -> None:
    page.goto(f"{url}/board#/case/{village}/{case}")
    page.reload()


def issue(page: Page, paper: str, asked: str) -> None:
    page.get_by_test_id(f"issue-{paper}").click()
    expect(page.get_by_test_id("notice-reported")).not_to_have_value("")  # the case's own words
    page.get_by_test_id("notice-asked").fill(asked)
    page.get_by_test_id("notice-preview").click()
    page.get_by_test_id("notice-issue").click()
    expect(page.get_by_test_id("notice")).to_be_visible()


def record(page: Page, url: str, village: str, case: str, step: Step) -> None:
    """An office records a step on the case's page, or issues the paper that records it."""
    _, name, fields = step
    open_case(page, url, village, case)
    if name in PAPERS:
        issue(page, PAPERS[name], fields["asked"])
        open_case(page, url, village, case)
        expect(page.get_by_test_id(f"entry-{name}").last).to_contain_text(fields["asked"])
        return
    page.get_by_test_id(f"do-{name}").click()
    for field, value in fields.items():
        if field == "is_better":
            page.get_by_test_id(value).check()
        elif field == "department":
            page.get_by_test_id("step-department").select_option(value)
        else:
            page.get_by_test_id(f"step-{field}").fill(value)
    page.get_by_test_id("send-step").click()
    expect(page.get_by_test_id(f"entry-{name}").last).to_be_visible()
    expect(page.get_by_test_id("send-step")).to_have_count(0)
