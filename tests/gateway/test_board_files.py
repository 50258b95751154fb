"""The lamps that a page shows, as a file: the same villages, the same lamps, in words and coloured cells."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from sync_api.board.files import Wanted, about_wall
from tests.city import DIANHUTUN, City, bulk, case_event, small_register, wait_until

HEAD = 7


def table(client: httpx.Client, division: str, **query: Any) -> list[list[str]]:
    answer = client.get(f"/board/{division}/lamps/csv", params=query)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_wall_is_saved_as_it_is_asked_for(city: City) -> None:
    county = city.client("g24")
    case = case_event(DIANHUTUN, str(ULID()), "g24", "opened", indicator="4.3.2", severity="major")
    assert county.post("/db/d110-371724/_bulk_docs", json=bulk(case)).json()[0]["ok"]
    wait_until(lambda: "r" in county.get(f"/board/{DIANHUTUN}").json()["lights"])
    whole = table(county, "371724109")
    assert whole[0][HEAD:][0].startswith("1.1.1 ")
    assert len(whole[0]) == HEAD + 90
    board = county.get("/board/371724109").json()
    assert [row[3] for row in whole[1:]] == [code for code, _ in board["divisions"] if len(code) == 12]
    (red,) = table(county, "371724109", light="r", of="4.3")[1:]
    assert red[3:7] == [DIANHUTUN, "1", "0", "0"]
    titles = [one.code for one in default_catalogue().indicators if one.code.startswith("4.3.")]
    assert len(red) == HEAD + len(titles)
    assert red[HEAD + titles.index("4.3.2")] == "急需治理"
    assert table(county, "371724109", light="r", of="1")[1:] == []
    assert table(county, "371724", first="worst", language="en")[1][3] == DIANHUTUN
    assert [row[3] for row in table(county, "371724", name="佃户屯")[1:]] == [DIANHUTUN]
    assert table(county, "371724", within="371724001")[1:] == []
    assert table(county, "371724109", watched=True)[1:] == []
    lamps = table(county, DIANHUTUN)
    assert [row[4:6] for row in lamps if row[2] == "4.3.2"] == [["急需治理", "重大问题"]]
    assert len(lamps) == 91


def test_a_workbook_colours_its_words(city: City) -> None:
    answer = city.client("z109").get("/board/371724109/lamps/xlsx?language=en")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert page.count("<conditionalFormatting") == 1
    assert "&quot;needs action&quot;" in page or '"needs action"' in page


def test_a_workbook_says_what_it_shows(city: City) -> None:
    asked = {"of": "4.3", "light": "g", "name": "佃户屯", "within": "371724109", "first": "worst"}
    answer = city.client("g24").get("/board/371724/lamps/xlsx", params=asked)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        said = book.read("xl/sharedStrings.xml").decode()
    assert names == ["灯况", "说明"]
    assert ">巨野县<" in said and ">数据时间<" in said
    assert ">有“正常”灯的村；4.3 财务管理；只看田庄镇；名称含“佃户屯”；重的在前<" in said
    assert "模拟" not in said  # this city is not simulated


@pytest.mark.parametrize("is_simulated", [True, False])
def test_a_file_of_a_simulated_city_says_so(is_simulated: bool) -> None:
    register = parse_register(small_register().encode(), "register.csv")
    setup = Setup(register, Rulebook(default_catalogue(), default_policy(), 0, is_simulated))
    now = datetime.now(UTC)
    about = about_wall(setup, "371724", Wanted(of="1.1", is_watched=True), now)
    lines = about.lines(7, "en")
    assert [line[1] for line in (*lines[:2], lines[3])] == ["巨野县", "1.1 Leadership team, Watched only", 7]
    assert lines[4:] == ([["模拟数据 / simulated data"]] if is_simulated else [])
    assert about.file_name("csv") == f"lamps-371724-1.1-watched{'-simulated' if is_simulated else ''}.csv"


def test_nobody_saves_what_they_may_not_see(city: City) -> None:
    assert city.client("i0421").get("/board/371724109/lamps/csv").status_code == 403
    assert city.client("i0421").get(f"/board/{DIANHUTUN}/lamps/csv").status_code == 200
    assert city.client("i0421").get(f"/board/{DIANHUTUN}/lamps/csv?watched=true").json()["code"] == "no_watch"
