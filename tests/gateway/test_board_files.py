"""The lamps that a page shows, as a file: the same villages, the same lamps, in words and coloured cells."""

import csv
import io
import zipfile
from typing import Any

import httpx
from ulid import ULID

from models.catalogue import default_catalogue
from tests.city import DIANHUTUN, City, bulk, case_event, wait_until

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


def test_nobody_saves_what_they_may_not_see(city: City) -> None:
    assert city.client("i0421").get("/board/371724109/lamps/csv").status_code == 403
    assert city.client("i0421").get(f"/board/{DIANHUTUN}/lamps/csv").status_code == 200
    assert city.client("i0421").get(f"/board/{DIANHUTUN}/lamps/csv?watched=true").json()["code"] == "no_watch"
