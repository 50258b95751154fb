"""What a tablet without a network gives to its station as a file is taken in once, and as its author's."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sync_api.parcels.sealing import ParcelKey
from tests.city import DIANHUTUN, KONGZHUANG, City, DeviceKeys, bulk, report, round_of, wait_until
from tests.gateway.test_hand_in import kept
from tests.gateway.test_photos import TUS, add, begin
from tests.parcels import parcel
from tests.photos import photo, sha256_of

DB = "/db/d110-371724"


class Tablet:
    """An enrolled device of an account."""

    def __init__(self, city: City, alias: str, device: str = "away") -> None:
        self.city, self.alias, self.device, self.keys = city, alias, device, DeviceKeys()
        tokens = city.login(alias, device, self.keys)
        self.key: str = tokens["parcel_key"]
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        self.client = httpx.Client(base_url=city.url, headers=headers, timeout=20)

    def parcel(self, *docs: dict[str, Any], **more: Any) -> bytes:
        return parcel(self.key, self.keys, self.alias, self.device, *docs, **more)


def give(city: City, content: bytes, office: str = "z109", what: str = "") -> httpx.Response:
    return city.client(office).post(f"/parcels{what}", content=content)


def refusal(city: City, content: bytes, office: str = "z109") -> tuple[int, str]:
    """The same whether it is looked at or taken in; said in both languages."""
    answers = [give(city, content, office, what) for what in ("/look", "")]
    said = [(answer.status_code, answer.json()["code"]) for answer in answers]
    assert said[0] == said[1]
    problem = answers[0].json()
    assert problem["detail"].isascii() and not problem["detail_zh"].isascii()
    return said[0]


def in_store(city: City, alias: str) -> list[str]:
    rows = city.raw("d110-371724/_all_docs")["rows"]
    return [row["id"] for row in rows if f":{alias}:" in row["id"] and ":receipt:" not in row["id"]]


def test_a_parcel_is_looked_at_and_taken_in_once_and_the_tablet_hears_of_it(city: City) -> None:
    city.add_account("i0701", "informant", DIANHUTUN)
    tablet, content = Tablet(city, "i0701"), photo(shade=17)
    documents = [report(DIANHUTUN, "i0701", photos=[sha256_of(content)]), report(DIANHUTUN, "i0701", text="第二条。")]
    file = tablet.parcel(*documents, photos=((documents[0]["_id"], content),))

    view = give(city, file, what="/look").json()
    assert (view["alias"], view["role"], view["kinds"], view["photos"]) == ("i0701", "informant", {"report": 2}, 1)
    assert (view["villages"][0]["code"], view["known"], view["is_shut_off"]) == (DIANHUTUN, 0, False)
    assert "第二条" not in json.dumps(view, ensure_ascii=False)
    assert in_store(city, "i0701") == []

    taken = give(city, file).json()
    assert taken == {"stored": 2, "known": 0, "photos": 1, "refused": [], "photos_refused": []}
    again = give(city, file).json()
    assert (again["stored"], again["known"], again["photos"]) == (0, 2, 1)
    assert give(city, file, what="/look").json()["known"] == 2
    assert in_store(city, "i0701") == sorted(one["_id"] for one in documents)

    with tablet.client as client:  # as the tablet itself synchronises, weeks later
        lines = [json.loads(line) for line in client.post(f"{DB}/_pull", json={}).text.splitlines()]
        receipted = {identity for line in lines if ":receipt:" in line.get("_id", "") for identity in line["ids"]}
        assert receipted == {one["_id"] for one in documents}
        assert all(row["ok"] for row in client.post(f"{DB}/_bulk_docs", json=bulk(*documents)).json())
        path = f"/photos/{documents[0]['_id']}/{sha256_of(content)}"
        assert client.head(path, headers=TUS).headers["upload-offset"] == str(len(content))
    assert in_store(city, "i0701") == sorted(one["_id"] for one in documents)
    assert city.client("z109").get(path).status_code == 200
    rows = city.raw("d110-audit/_all_docs?include_docs=true")["rows"]
    logged = [row["doc"] for row in rows if row["doc"].get("action") == "parcel_taken"]
    assert [(one["actor"], one["subject"], one["details"]["documents"]) for one in logged[:1]] == [
        ("z109", "i0701", "2")
    ]


def test_what_is_refused_of_a_parcel_waits_in_quarantine_once(city: City) -> None:
    city.add_account("i0702", "informant", DIANHUTUN)
    tablet = Tablet(city, "i0702")
    good, bad = report(DIANHUTUN, "i0702"), report(DIANHUTUN, "i0702", indicator="9.9.9")
    others = report(DIANHUTUN, "i0421", text="冒用别人的代号。")
    file = tablet.parcel(good, bad, others)
    for _ in range(2):
        taken = give(city, file).json()
        assert [(one["id"], one["is_kept"]) for one in taken["refused"]] == [(bad["_id"], True), (others["_id"], True)]
        assert " / " in taken["refused"][0]["reason"]
    with tablet.client as client:
        rows = client.post(f"{DB}/_bulk_docs", json=bulk(good, bad)).json()
    assert [row.get("error") for row in rows] == [None, "forbidden"]
    assert in_store(city, "i0702") == [good["_id"]]
    assert len([one for one in kept_of(city, "i0702") if one["document_id"] == bad["_id"]]) == 1
    assert all(one["author"] == "i0702" for one in kept_of(city, "i0702"))


def kept_of(city: City, alias: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = city.client("z109").get("/quarantine", params={"author": alias}).json()["oldest"]
    return found


def test_the_parcel_of_a_device_that_was_shut_off_waits_for_an_office(city: City) -> None:
    city.add_account("i0703", "informant", DIANHUTUN)
    tablet, content = Tablet(city, "i0703"), photo(shade=18)
    document = report(DIANHUTUN, "i0703", photos=[sha256_of(content)])
    file = tablet.parcel(document, photos=((document["_id"], content),))
    revoked = city.client("z109").post("/devices/revoke", json={"alias": "i0703", "device": "away"})
    assert revoked.status_code == 204
    assert give(city, file, what="/look").json()["is_shut_off"] is True
    taken = give(city, file).json()
    assert (taken["stored"], taken["photos"], taken["refused"][0]["is_kept"]) == (0, 1, True)
    [waiting] = kept(city, "z109", document)
    assert waiting["code"] == "device_revoked"
    city.close_account("i0703")
    wait_until(lambda: give(city, file, what="/look").json()["is_shut_off"])
    assert give(city, file).json()["stored"] == 0


def test_who_moved_has_the_work_of_the_old_place_looked_at_there(city: City) -> None:
    city.add_account("a0704", "administrator", DIANHUTUN)
    tablet = Tablet(city, "a0704")
    document = round_of(DIANHUTUN, "a0704", {"1.1.2": 1})
    file = tablet.parcel(document)
    city.move_account("a0704", KONGZHUANG)
    assert refusal(city, file) == (403, "not_looked_after")
    taken = give(city, file, "g71").json()
    assert (taken["stored"], taken["refused"][0]["is_kept"]) == (0, True)
    assert kept(city, "z109", document)[0]["code"] == "moved"


def test_an_upload_that_the_tablet_began_is_gone_on_with(city: City) -> None:
    city.add_account("i0705", "informant", DIANHUTUN)
    tablet, content = Tablet(city, "i0705"), photo(shade=19)
    document = report(DIANHUTUN, "i0705", photos=[sha256_of(content)])
    with tablet.client as client:
        assert client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["ok"]
        path = begin(client, document["_id"], content).headers["location"]
        add(client, path, 0, content[:50])
        # its report is there already, so only the photo travels
        taken = give(city, tablet.parcel(photos=((document["_id"], content),))).json()
        assert (taken["stored"], taken["photos"], taken["photos_refused"]) == (0, 1, [])
        assert client.head(path, headers=TUS).headers["upload-offset"] == str(len(content))


def test_photos_that_no_report_of_the_author_names_are_not_taken(city: City) -> None:
    tablet, content = Tablet(city, "i0422"), photo(shade=20)
    document = report(DIANHUTUN, "i0422")
    broken = report(DIANHUTUN, "i0422", photos=[sha256_of(b"no picture")])
    pictures = ((document["_id"], content), (broken["_id"], b"no picture"))
    taken = give(city, tablet.parcel(document, broken, photos=pictures)).json()
    assert (taken["stored"], taken["photos"]) == (2, 0)
    assert [one["id"] for one in taken["photos_refused"]] == [document["_id"], broken["_id"]]


def test_each_fault_of_a_file_has_one_reason(city: City) -> None:
    city.add_account("i0706", "informant", DIANHUTUN)
    tablet, stranger = Tablet(city, "i0706"), DeviceKeys()
    document = report(DIANHUTUN, "i0706")
    file = tablet.parcel(document)
    assert refusal(city, b"") == (400, "no_parcel")
    assert refusal(city, b"%PDF-1.7 of something else") == (400, "no_parcel")
    assert refusal(city, file[:50]) == (400, "parcel_cut")
    assert refusal(city, file[:-1]) == (400, "parcel_cut")
    assert refusal(city, file + b"\0") == (400, "parcel_altered")
    for at in (30, 90, 120, len(file) - 1):  # the ephemeral key, the iv, what is sealed
        changed = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        assert refusal(city, changed) == (400, "parcel_altered"), at
    another = ParcelKey("another gateway's secret, which is long enough")
    assert refusal(city, parcel(another.public, tablet.keys, "i0706", "away", document)) == (400, "parcel_of_others")
    forged = parcel(tablet.key, stranger, "i0706", "away", document)
    assert refusal(city, forged) == (400, "parcel_altered")
    unknown = parcel(tablet.key, stranger, "i0706", "elsewhere", document)
    assert refusal(city, unknown) == (400, "unknown_device")
    assert refusal(city, parcel(tablet.key, stranger, "nobody99", "away", document)) == (400, "unknown_device")
    assert refusal(city, file[:97] + bytes(26 << 20)) == (413, "parcel_too_large")
    assert in_store(city, "i0706") == []


@pytest.mark.parametrize(("office", "expected"), [("g71", 403), ("a217", 403), ("i0421", 403), ("g24", 200)])
def test_only_an_office_that_looks_after_the_account_takes_its_parcel(city: City, office: str, expected: int) -> None:
    file = Tablet(city, "i0421", f"of-{office}").parcel(report(DIANHUTUN, "i0421"))
    assert give(city, file, office, "/look").status_code == expected
    assert give(city, file, office).status_code == expected


def test_the_checks_of_an_inspector_are_taken_in_as_theirs(city: City) -> None:
    city.add_account("z109b", "station", DIANHUTUN[:9])
    at = report(DIANHUTUN, "z109b")
    check = {"_id": at["_id"].replace(":report:", ":inspection:"), "type": "inspection", "is_planned": False}
    check |= {"text": "公开栏还是去年的。", "observed_at": at["observed_at"], "saved_at": at["saved_at"]}
    taken = give(city, Tablet(city, "z109b").parcel(check), "g24").json()
    assert (taken["stored"], taken["refused"]) == (1, [])
    assert in_store(city, "z109b") == [check["_id"]]
