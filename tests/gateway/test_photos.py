"""Photos: tus uploads that go on where they stopped, seen by whoever may see the report."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.city import DIANHUTUN, City, bulk, report
from tests.photos import photo, sha256_of

DB = "/db/d110-371724"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Content-Type": "application/offset+octet-stream"}


def reported(city: City, *photos: bytes, alias: str = "i0421") -> str:
    """The id of a report that names these photos."""
    document = report(DIANHUTUN, alias, photos=[sha256_of(one) for one in photos])
    row = city.client(alias).post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]
    assert row.get("ok"), row
    return str(document["_id"])


def begin(client: httpx.Client, identity: str, content: bytes, **headers: str) -> httpx.Response:
    named = {"report": identity, "sha256": sha256_of(content)}
    text = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in named.items())
    return client.post("/photos", headers=TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": text} | headers)


def add(client: httpx.Client, path: str, offset: int, piece: bytes) -> httpx.Response:
    return client.patch(path, headers=PIECE | {"Upload-Offset": str(offset)}, content=piece)


def upload(city: City, identity: str, content: bytes, alias: str = "i0421") -> str:
    client = city.client(alias)
    began = begin(client, identity, content)
    assert began.status_code == 201, began.text
    path = began.headers["location"]
    held = int(client.head(path, headers=TUS).headers["upload-offset"])
    done = add(client, path, held, content[held:])
    assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(content))), done.text
    return path


def test_a_photo_goes_on_where_it_stopped_and_is_stored_without_its_position(city: City) -> None:
    content, client = photo(shade=1), city.client("i0421")
    identity = reported(city, content)
    path = begin(client, identity, content).headers["location"]
    assert add(client, path, 0, content[:100]).headers["upload-offset"] == "100"
    assert client.get(path).status_code == 404
    # the answer was lost: the tablet begins again and asks how far it came
    assert begin(client, identity, content).headers["location"] == path
    assert client.head(path, headers=TUS).headers["upload-offset"] == "100"
    assert add(client, path, 0, content).json()["code"] == "wrong_offset"
    assert add(client, path, 100, content[100:]).status_code == 204
    shown = client.get(path)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert b"KAMERA110" not in shown.content
    with Image.open(io.BytesIO(client.get(f"{path}/thumbnail").content)) as small:
        assert small.size == (60, 40)
    assert client.head(path, headers=TUS).headers["upload-offset"] == str(len(content))


def test_the_same_photo_of_a_village_is_stored_once(city: City) -> None:
    content = photo(shade=2)
    first, second = reported(city, content), reported(city, content)
    upload(city, first, content)
    before = city.raw("d110-photos")["doc_count"]
    client = city.client("i0421")
    path = begin(client, second, content).headers["location"]
    assert client.head(path, headers=TUS).headers["upload-offset"] == str(len(content))
    assert client.get(path).status_code == 200
    assert city.raw("d110-photos")["doc_count"] == before


def test_a_hash_tells_nothing_of_what_another_author_has_sent_and_nobody_spoils_it(city: City) -> None:
    content = photo(shade=21)
    first, second = reported(city, content), reported(city, content, alias="i0422")
    author, other = city.client("i0421"), city.client("i0422")
    path = begin(author, first, content).headers["location"]
    assert add(author, path, 0, content[:100]).status_code == 204
    own = f"/photos/{second}/{sha256_of(content)}"
    assert other.head(own, headers=TUS).status_code == 404
    assert begin(other, second, content, **{"Upload-Length": str(len(content) - 1)}).status_code == 201
    assert add(other, own, 0, b"x" * 100).status_code == 204
    assert author.head(path, headers=TUS).headers["upload-offset"] == "100"
    assert add(author, path, 100, content[100:]).status_code == 204
    assert author.get(path).status_code == 200
    assert (other.get(own).status_code, other.head(own, headers=TUS).headers["upload-offset"]) == (404, "100")
    upload_of_other = begin(other, second, content)
    assert upload_of_other.status_code == 201
    assert add(other, own, 0, content).status_code == 204
    assert other.get(own).status_code == 200


def test_uploads_that_one_author_never_ends_give_way_to_their_own_next_and_stop_nobody(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_api.photos.store.UNDER_WAY_MAX", 3)
    city.add_account("i0470", "informant", DIANHUTUN)
    photos = [photo(shade=shade) for shade in range(30, 35)]
    identity = reported(city, *photos, alias="i0470")
    client = city.client("i0470")
    assert [begin(client, identity, one).status_code for one in photos] == [201] * 5
    heads = [client.head(f"/photos/{identity}/{sha256_of(one)}", headers=TUS).status_code for one in photos]
    assert heads.count(200) == 3
    assert heads[-1] == 200
    other = photo(shade=36)
    upload(city, reported(city, other), other)


def test_a_photo_is_asked_for_each_time_and_not_sent_again(city: City) -> None:
    content = photo(shade=22)
    path = upload(city, reported(city, content), content)
    shown = city.client("z109").get(path)
    assert shown.headers["cache-control"] == "private, no-cache"
    again = {"If-None-Match": shown.headers["etag"]}
    assert city.client("z109").get(path, headers=again).status_code == 304
    assert city.client("i0422").get(path, headers=again).status_code == 404
    assert "cache" in city.client("z109").post("/auth/logout").headers["clear-site-data"]


@pytest.mark.parametrize(
    ("content", "sent", "code"),
    [
        (photo(shade=3), photo(shade=3)[:-1] + b"x", "photo_damaged"),
        (b"no photo at all", b"no photo at all", "photo_refused"),
        (photo(shade=4)[:400], photo(shade=4)[:400], "photo_refused"),
    ],
    ids=["other bytes", "text", "cut"],
)
def test_what_is_not_the_photo_is_refused_and_can_be_begun_anew(
    city: City, content: bytes, sent: bytes, code: str
) -> None:
    identity, client = reported(city, content), city.client("i0421")
    path = begin(client, identity, content).headers["location"]
    answer = add(client, path, 0, sent)
    assert (answer.status_code, answer.json()["code"]) == (460, code)
    assert answer.json()["detail_zh"]
    assert client.head(path, headers=TUS).status_code == 404
    assert begin(client, identity, content).status_code == 201


def test_only_a_reports_author_uploads_and_only_what_it_names(city: City) -> None:
    content = photo(shade=5)
    identity = reported(city, content)
    for alias, named, status in (("i0422", content, 404), ("a217", content, 403), ("i0421", photo(shade=6), 404)):
        assert begin(city.client(alias), identity, named).status_code == status, alias
    assert begin(city.client("i0421"), identity.replace("371724109217", "371724109218"), content).status_code == 404
    assert begin(city.client("i0421"), identity, content, **{"Upload-Length": str(9 * 1024 * 1024)}).status_code == 413
    assert begin(city.client("i0421"), identity, content, **{"Tus-Resumable": "0.2.2"}).status_code == 412
    for length in ("", "-1", "x", "1" * 40):
        assert begin(city.client("i0421"), identity, content, **{"Upload-Length": length}).status_code == 400


@pytest.mark.parametrize(
    ("alias", "status"),
    [("i0421", 200), ("i0422", 404), ("a217", 200), ("z109", 200), ("g24", 200), ("s17", 200), ("g71", 404)],
)
def test_a_photo_is_seen_by_who_may_see_the_report(city: City, alias: str, status: int) -> None:
    content = photo(shade=7)
    path = upload(city, reported(city, content), content)
    assert city.client(alias).get(path).status_code == status
    assert city.client(alias).get(f"{path}/thumbnail").status_code == status
    village, _, _, case = path.split("/")[2].split(":")
    listed: Any = city.client(alias).get(f"/photos/of/{village}")
    cases = [view["case"] for view in listed.json()] if listed.status_code == 200 else []
    assert cases.count(case) == (status == 200)


def test_the_photos_of_a_correction_are_those_of_the_case_it_corrects(city: City) -> None:
    first, second = photo(shade=8), photo(shade=9)
    opened = reported(city, first)
    observed_at = city.raw(f"d110-371724/{opened}")["observed_at"]
    correction = report(DIANHUTUN, "i0421", photos=[sha256_of(second)], amends=opened, observed_at=observed_at)
    assert city.client("i0421").post(f"{DB}/_bulk_docs", json=bulk(correction)).json()[0].get("ok")
    views = city.client("z109").get(f"/photos/of/{DIANHUTUN}").json()
    of_case = {view["sha256"]: view["report"] for view in views if view["case"] == opened.rpartition(":")[2]}
    assert of_case == {sha256_of(first): opened, sha256_of(second): correction["_id"]}


def test_a_piece_that_is_not_called_one_is_refused(city: City) -> None:
    content, client = photo(shade=10), city.client("i0421")
    path = begin(client, reported(city, content), content).headers["location"]
    answer = client.patch(path, headers=TUS | {"Content-Type": "image/jpeg", "Upload-Offset": "0"}, content=content)
    assert (answer.status_code, answer.json()["code"]) == (415, "bad_type")
    assert client.head(path, headers=TUS).headers["upload-offset"] == "0"


def test_a_photo_waits_when_the_disk_is_nearly_full(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    content, client = photo(shade=11), city.client("i0421")
    identity = reported(city, content)
    monkeypatch.setattr("sync_api.photos.store.FREE_BYTES_MIN", 2**62)
    answer = begin(client, identity, content)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    monkeypatch.undo()
    assert begin(client, identity, content).status_code == 201


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 400)), max_size=12), st.integers(0, 255))
def test_however_pieces_come_the_whole_is_what_was_announced(
    city: City, pieces: list[tuple[int, int]], shade: int
) -> None:
    content, client = photo(61, 41, shade=shade), city.client("a217")
    identity = reported(city, content, alias="a217")
    path = begin(client, identity, content).headers["location"]
    offset = int(client.head(path, headers=TUS).headers["upload-offset"])
    for at, size in pieces:
        answer = add(client, path, at, content[at : at + size])
        is_next = at == offset and at < len(content)
        assert answer.status_code == (204 if is_next or (at == offset == len(content)) else 409)
        if is_next:
            offset = min(at + size, len(content))
    add(client, path, offset, content[offset:])
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("village", "name"),
    [
        (DIANHUTUN, "../../../../elsewhere"),
        (DIANHUTUN, "/elsewhere"),
        (DIANHUTUN, f"../i0422/{'a' * 64}"),
        (DIANHUTUN, "*"),
        (DIANHUTUN, "a\0b"),
        (DIANHUTUN, "A" * 64),
        ("..", "a" * 64),
        ("999999999999", "a" * 64),
    ],
)
def test_whatever_a_refused_report_names_only_a_hash_becomes_a_file(city: City, village: str, name: str) -> None:
    document = report(DIANHUTUN, "i0421") | {"photos": [name]}
    document["_id"] = document["_id"].replace(DIANHUTUN, village)
    client = city.client("i0421")
    assert client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["error"] == "forbidden"
    named = {"report": document["_id"], "sha256": name}
    text = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in named.items())
    answer = client.post("/photos", headers=TUS | {"Upload-Length": "10", "Upload-Metadata": text})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_photo")


def test_the_photo_of_a_report_that_was_dismissed_before_it_came_is_kept(city: City) -> None:
    content, client = photo(shade=77), city.client("i0421")
    document = report(DIANHUTUN, "i0421", indicator="9.9.9", photos=[sha256_of(content)])
    assert client.post(f"{DB}/_bulk_docs", json=bulk(document)).json()[0]["error"] == "forbidden"
    [kept] = [q for q in city.client("z109").get("/quarantine").json()["oldest"] if q["document_id"] == document["_id"]]
    word = {"text": "请改写后再报，照片留着"}
    assert city.client("z109").post(f"/quarantine/{kept['_id']}/dismiss", json=word).status_code == 204
    upload(city, document["_id"], content)
    assert city.raw(f"d110-photos/photo:{DIANHUTUN}:{sha256_of(content)}")["length"] == len(content)
