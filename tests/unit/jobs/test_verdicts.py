"""Verdicts that wait: kept until the gateway has said that they are stored, whatever happens on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from jobs.verdicts import NOT_SAID, HandedIn, VerdictOutbox, what_is_missing

VILLAGE, ADDRESS = "371724109217", "https://gateway.example"
Answer = Callable[[httpx.Request], httpx.Response]


class Gateway:
    """Answers as it is told, and keeps what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.sent: list[dict[str, Any]] = []
        self._answer = answer

    def client(self, **fields: Any) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._take), **fields)

    def _take(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/login":
            return httpx.Response(200, json={"access_token": "t"})
        assert request.headers["Authorization"] == "Bearer t"
        self.sent.append(json.loads(request.content))
        return self._answer(request)


def stored(_: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json={})


def refused(status: int, code: str) -> Answer:
    problem = {"title": "X", "status": status, "code": code, "detail": "in English", "detail_zh": "中文"}
    return lambda _: httpx.Response(status, json=problem)


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


def hand_in(outbox: VerdictOutbox, answer: Answer) -> tuple[HandedIn, Gateway]:
    gateway = Gateway(answer)
    return outbox.hand_in(ADDRESS, "fx24", "secret", gateway.client), gateway


def test_a_verdict_is_sent_once_and_then_gone(tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    kept = outbox.add(VILLAGE, False, "  走访已好转 ")
    done, gateway = hand_in(outbox, stored)
    assert (done.sent, done.kept, done.fault) == (1, 0, None)
    assert gateway.sent == [{"ulid": kept.ulid, "village": VILLAGE, "is_right": False, "text": "走访已好转"}]
    again, gateway = hand_in(outbox, stored)
    assert (again.sent, gateway.sent) == (0, [])


def test_without_a_network_it_stays_and_goes_later_under_the_same_ulid(tmp_path: Path) -> None:
    kept = VerdictOutbox(tmp_path).add(VILLAGE, True, "走访属实")
    done, _ = hand_in(VerdictOutbox(tmp_path), away)
    assert (done.sent, done.kept) == (0, 1)
    assert "没有连上" in done.in_words() and "not reached" in done.in_words()
    assert VerdictOutbox(tmp_path).waiting() == [kept]
    _, gateway = hand_in(VerdictOutbox(tmp_path), stored)
    assert [one["ulid"] for one in gateway.sent] == [kept.ulid]
    assert VerdictOutbox(tmp_path).waiting() == []


@pytest.mark.parametrize(("status", "code"), [(403, "no_verdict"), (404, "no_such_division"), (409, "step_refused")])
def test_what_is_refused_stays_with_its_reason_and_stops_no_other(tmp_path: Path, status: int, code: str) -> None:
    outbox = VerdictOutbox(tmp_path)
    first, second = outbox.add(VILLAGE, True, "一"), outbox.add("371724109218", True, "二")

    def answer(request: httpx.Request) -> httpx.Response:
        is_first = json.loads(request.content)["ulid"] == first.ulid
        return refused(status, code)(request) if is_first else stored(request)

    done, gateway = hand_in(outbox, answer)
    assert (done.sent, done.kept) == (1, 1)
    assert {one["ulid"] for one in gateway.sent} == {first.ulid, second.ulid}
    [left] = outbox.waiting()
    assert left.ulid == first.ulid
    assert left.last == (f"中文（{status} {code}）", f"in English ({status} {code})")
    outbox.drop(left.ulid)
    assert outbox.waiting() == []


@pytest.mark.parametrize("address", ["", "gateway.example", "ftp://gateway.example", "http://"])
def test_what_is_no_address_is_said_before_anything_is_sent(tmp_path: Path, address: str) -> None:
    outbox = VerdictOutbox(tmp_path)
    outbox.add(VILLAGE, True, "走访属实")
    done = outbox.hand_in(address, "fx24", "secret", Gateway(stored).client)
    assert done.fault is not None and done.kept == 1


def test_what_answers_and_is_no_gateway_is_said(tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    outbox.add(VILLAGE, True, "走访属实")
    page = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    done = outbox.hand_in(ADDRESS, "fx24", "secret", lambda **fields: httpx.Client(transport=page, **fields))
    assert done.fault is not None and "网关" in done.fault[0]
    assert len(outbox.waiting()) == 1


def test_neither_account_nor_password_is_kept_and_others_may_not_read(tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    outbox.add(VILLAGE, True, "走访属实")
    hand_in(outbox, refused(409, "step_refused"))
    [file] = (tmp_path / "outbox" / "verdicts").iterdir()
    text = file.read_text("utf-8")
    assert "走访属实" in text
    assert not any(typed in text for typed in ("fx24", "secret", ADDRESS))
    assert file.parent.stat().st_mode & 0o077 == 0


def test_what_is_no_verdict_is_refused(tmp_path: Path) -> None:
    with pytest.raises(msgspec.ValidationError):
        VerdictOutbox(tmp_path).add("3717", True, "走访属实")


def test_a_verdict_needs_its_grounds_and_a_choice(tmp_path: Path) -> None:
    assert what_is_missing(False, "走访属实") == what_is_missing(True, " 。") == NOT_SAID
    assert what_is_missing(True, "走访属实") is None
    with pytest.raises(msgspec.ValidationError):
        VerdictOutbox(tmp_path).add(VILLAGE, True, " ")
    assert VerdictOutbox(tmp_path).waiting() == []


def test_a_second_verdict_on_a_village_takes_the_place_of_the_one_that_waits(tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    outbox.add(VILLAGE, True, "走访属实")
    other, second = outbox.add("371724109218", True, "另一个村"), outbox.add(VILLAGE, False, "再次走访，已好转")
    assert outbox.waiting() == [other, second]


def test_a_damaged_file_is_named_and_stops_no_other(tmp_path: Path) -> None:
    outbox = VerdictOutbox(tmp_path)
    kept = outbox.add(VILLAGE, True, "走访属实")
    damaged = tmp_path / "outbox" / "verdicts" / "01KK0000000000000000000000.json"
    damaged.write_text('{"ulid": "01')
    assert (outbox.waiting(), outbox.damaged()) == ([kept], [damaged.name])
    done, gateway = hand_in(outbox, stored)
    assert (done.sent, done.kept, len(gateway.sent)) == (1, 0, 1)
    assert damaged.exists()  # what it holds lies nowhere else
