"""Every list that is saved as a file says what it is: in its name, and as .xlsx on a second sheet."""

from __future__ import annotations

import csv
import io
import secrets
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import httpx
import pytest
from ulid import ULID

from models import calendar
from models.calendar import LOCAL
from models.documents import Dataset, Service, encode
from models.weeks import sundays
from sync_api.app import create_app
from sync_api.settings import Settings
from tests.city import DIANHUTUN, City, report, wait_until
from tests.evaluations import evaluation, store_anew
from tests.gateway.test_overview import overview, push, say
from tests.gateway.test_patrols import days, word_for

COUNTY, TOWNSHIP = DIANHUTUN[:6], DIANHUTUN[:9]
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TODAY = datetime.now(LOCAL).date()
#: What some list cannot be asked for without.
ASKED = {"since": "2026-01-01", "until": str(TODAY), "figure": "disputes.found", "month": f"{TODAY:%Y-%m}"}


def routes(folder: Path) -> list[str]:
    """Of all files, as the gateway has them."""
    app = create_app(Settings(token_secret=secrets.token_hex(32), data_dir=folder), "http://127.0.0.1:9")
    paths = (getattr(route, "path_format", route.path) for route in app.routes)
    return sorted(path for path in paths if path.endswith("/{form}"))


@pytest.fixture(scope="module")
def known(city: City) -> dict[str, str]:
    """What stands in the places of an address, with something there to be saved."""
    store_anew(city, evaluation(DIANHUTUN, 55.5))
    say(city, TOWNSHIP, {}, [(10, 0)], DIANHUTUN)
    push(city, "i0421", report(DIANHUTUN, "i0421", severity="major"))
    station = city.client("z109")
    wait_until(lambda: overview(station, TOWNSHIP)["weeks"] != [])
    wait_until(lambda: station.get("/casework/ledger").json()["count"] == 1)
    now = datetime.now(UTC)
    service = Service(
        id=f"{DIANHUTUN}:service:z109:{ULID()}",
        observed_at=now,
        saved_at=now,
        topic="修路",
        amount=2,
        unit="公里",
    )
    store_anew(city, service)
    wait_until(lambda: len(station.get(f"/casework/services/{TOWNSHIP}").json()["rows"]) == 1)
    lot = station.post("/patrols/lots", json=days(division=TOWNSHIP, count=2)).json()["id"]
    assert city.client("g24").post("/patrols/draws", json=word_for(lot)).status_code == 201
    week = calendar.day_of(sundays(calendar.local_day(datetime.now(UTC)) - 1, 0)[-1])
    return {"period": "2026H1", "version": "2026H1", "until": str(week), "part": "ladder", "patrol_id": lot}


def saved(client: httpx.Client, path: str, **query: Any) -> tuple[str, bytes]:
    """The name of a file, and what is in it."""
    answer = client.get(path, params=query)
    assert answer.status_code == 200, (path, answer.text)
    kind, _, name = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert kind == "attachment"
    return unquote(name), answer.content


def workbook(content: bytes) -> dict[str, list[list[str]]]:
    """The text of its sheets by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        strings = [
            "".join(part.itertext())
            for part in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SPREADSHEET}si")
        ]
        names = [one.attrib["name"] for one in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SPREADSHEET}sheet")]
        pages = [ET.fromstring(book.read(f"xl/worksheets/sheet{at}.xml")) for at, _ in enumerate(names, 1)]

    def text(cell: ET.Element) -> str:
        value = cell.findtext(f"{SPREADSHEET}v", "")
        return strings[int(value)] if cell.get("t") == "s" else value

    return {
        name: [[text(cell) for cell in row.iter(f"{SPREADSHEET}c")] for row in page.iter(f"{SPREADSHEET}row")]
        for name, page in zip(names, pages, strict=True)
    }


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_file_says_what_it_is(city: City, known: dict[str, str], tmp_path: Path) -> None:
    client = city.client("z109")
    names, lists = set[str](), routes(tmp_path)
    assert len(lists) >= 30
    for route in lists:
        code = DIANHUTUN if "evidence" in route else TOWNSHIP
        path = route.replace("{form}", "{{}}").format(**known, code=code)
        name, content = saved(client, path.format("csv"), **ASKED, language="en")
        head, *rows = table(content)
        assert all(head) and {len(row) for row in rows} <= {len(head)}, route
        if {"Village", "Division", "Office", "Place"} & set(head):
            assert any("Code" in title for title in head), route
        assert code in name and name.endswith(".csv") and "simulated" not in name, route
        assert name not in names, route
        names.add(name)
        for language, about in (("zh", "说明"), ("en", "About")):
            own, content = saved(client, path.format("xlsx"), **ASKED, language=language)
            assert own == name.replace(".csv", ".xlsx"), route
            (title, shown), (second, said) = workbook(content).items()
            assert title != "Sheet1" and title.isascii() == (language == "en") and second == about, route
            assert len(shown) == 1 + len(rows), route
            assert [one[0] for one in said] == (
                ["区划", "所列", "数据时间", "行数"] if language == "zh" else ["Division", "Shown", "As of", "Rows"]
            ), route
            assert said[0][1].startswith("巨野县 田庄镇") and said[0][2] == code and all(one[1] for one in said), route
            assert int(said[3][1]) == len(rows), route


def test_files_of_two_divisions_periods_and_filters_are_told_apart(city: City, known: dict[str, str]) -> None:
    county = city.client("g24")

    def of(path: str, **query: Any) -> tuple[str, str]:
        name, content = saved(county, f"{path}/xlsx", **query)
        return name, workbook(content)["说明"][1][1]

    assert of("/casework/ledger") == (f"ledger-{COUNTY}.xlsx", "全部")
    assert of("/casework/ledger", is_open=True, red=True) == (f"ledger-{COUNTY}-open-red.xlsx", "未了结；红灯")
    narrowed = {"division": TOWNSHIP, "since": "2026-01-01", "until": "2026-06-30", "severity": "major"}
    words = "重大问题；立项 2026-01-01 – 2026-06-30"
    name = f"ledger-{TOWNSHIP}-major-opened-2026-01-01-2026-06-30.xlsx"
    assert of("/casework/ledger", **narrowed) == (name, words)
    other = {"indicator": "4.2", "owed_by": DIANHUTUN, "cleared_since": "2026-01-01", "words": "旧校舍 账/目"}
    assert of("/casework/ledger", is_open=False, **other) == (
        f"ledger-{COUNTY}-cleared-4.2-{DIANHUTUN}-cleared-since-2026-01-01-旧校舍-账-目.xlsx",
        "已撤销；4.2 村务公开；巨野县 田庄镇 佃户屯村应办；撤销 2026-01-01 –；含“旧校舍”；含“账/目”",
    )
    half = {"since": "2026-01-01", "until": "2026-06-30"}
    assert of(f"/casework/statistics/{COUNTY}", **half)[0] == f"statistics-{COUNTY}-2026-01-01-2026-06-30.xlsx"
    assert of("/notices/register", only="overdue", year=2026) == (
        f"papers-{COUNTY}-overdue-2026.xlsx",
        "逾期未答复；2026年",
    )


def test_a_village_is_named_with_what_it_lies_in(city: City, known: dict[str, str]) -> None:
    head, line = table(saved(city.client("g24"), f"/casework/services/{COUNTY}/csv")[1])
    row = dict(zip(head, line, strict=True))
    assert (row["单位"], row["代码"]) == ("巨野县 田庄镇 佃户屯村", DIANHUTUN)


def test_files_of_a_simulated_city_say_so(city: City, known: dict[str, str], tmp_path: Path) -> None:
    dataset = Dataset(id="3717:dataset", simulated=True, seed=1, until=TODAY, months=1)
    address = f"{city.store.url}/d110-3717/{dataset.id}"
    assert httpx.put(address, content=encode(dataset), headers={"Content-Type": "application/json"}).is_success
    client = city.client("z109")
    wait_until(lambda: client.get("/casework/ledger").json()["simulated"] is True)
    for route in routes(tmp_path):
        code = DIANHUTUN if "evidence" in route else TOWNSHIP
        path = route.replace("{form}", "{{}}").format(**known, code=code)
        for form in ("csv", "xlsx"):
            name, content = saved(client, path.format(form), **ASKED)
            assert name.endswith(f"-simulated.{form}"), route
        assert workbook(content)["说明"][-1] == ["模拟数据 / simulated data"], route
