"""What does not fit is named, with what to do, in both languages: for every form at one place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from models import terms
from models.documents import Ulid, Words
from sync_api.app import create_app
from sync_api.field_faults import field_fault, request_fault
from sync_api.settings import Settings

#: Names of the protocols below ``/db`` and of keys, which no person writes.
OF_PROTOCOLS = {
    *("cookie", "crv", "kty", "x", "y", "key", "signature", "sha256"),
    *("database", "docs", "doc_ids", "document_id", "local_id", "epoch", "filter", "heartbeat", "holds"),
    *("include_docs", "latest", "open_revs", "rev", "revs", "style", "tablet", "timeout"),
}


class Line(msgspec.Struct, forbid_unknown_fields=True):
    due: date
    matter: Words


class Form(msgspec.Struct, forbid_unknown_fields=True):
    ulid: Ulid
    text: Words
    amount: Annotated[float, Meta(ge=0)] = 0
    place: Annotated[str, Meta(min_length=1)] = "村口"
    observed_at: datetime | None = None
    channel: Literal["visit", "hotline"] = "visit"
    resolutions: Annotated[list[Line], Meta(max_length=2)] = []
    is_open: bool = False


WHOLE: dict[str, Any] = {"ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": "路灯不亮"}
LINE = {"due": "2026-12-01", "matter": "修灯"}


@pytest.mark.parametrize(
    ("fields", "zh", "en"),
    [
        ({"text": ""}, "“内容”不能为空，也不能只有标点，请写明。", "'text' must say something"),
        ({"text": "路" * 4_001}, "“内容”最多 4000 字，请删减。", "'text' holds 4000 characters at most: shorten it."),
        ({"text": None}, "“内容”应填文字。", "'text' must be text."),
        ({"place": ""}, "“地点”不能为空，请填写。", "'place' is empty: fill it in."),
        ({"amount": -1}, "“数量”不能小于 0，请改正。", "'amount' must not be less than 0: correct it."),
        ({"amount": "多"}, "“数量”应填数字。", "'amount' must be a number."),
        (
            {"observed_at": "昨天"},
            "“发现时间”应是时间，如 2026-03-01T08:00+08:00。",
            "'observed_at' is no time such as",
        ),
        ({"channel": "rumour"}, "“来源”只能从所列的选项中选择。", "'channel' must be one of the choices"),
        ({"resolutions": [LINE] * 3}, "“议定事项”最多 2 项，请减少。", "'resolutions' holds 2 entries at most"),
        (
            {"resolutions": [LINE, LINE | {"due": "2026-13-01"}]},
            "第 2 项“办理期限”应是日期，如 2026-03-01。",
            "'due' (entry 2) is no date such as 2026-03-01.",
        ),
        ({"resolutions": [{"due": "2026-12-01"}]}, "第 1 项“事项”没有填写，请补上。", "'matter' (entry 1) is missing"),
        ({"is_open": "也许"}, "“是否未了结”应填是或否。", "'is_open' must be yes or no"),
        ({"ulid": "x"}, "“编号”格式不正确，请核对。", "'ulid' has not the form"),
        ({"villager": "x"}, "有一项不是系统所有的项目，请去掉。", "'villager' is not known here: leave it out."),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_what_to_do(fields: dict[str, Any], zh: str, en: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(WHOLE | fields, Form)
    said_zh, said_en = field_fault(str(raised.value))
    assert said_zh == zh
    assert en in said_en
    message, _, path = str(raised.value).partition(" - at `$")
    extra = [{"message": message, "key": path.rstrip("`").lstrip(".") or "data"}]
    assert request_fault(extra, "") == (said_zh, said_en)


def test_a_body_that_is_empty_or_of_another_kind_is_said_to_be() -> None:
    for said in ("'data'", "Expected `object`, got `array`"):
        assert request_fault([{"message": said, "key": "data"}], "") == (
            "提交的内容为空或不是所要求的形式。",
            "The body is empty, or not of the form that is asked for here.",
        )


def test_every_name_that_a_form_or_a_query_holds_has_its_chinese_term() -> None:
    schema = create_app(Settings(token_secret="x" * 40), "http://127.0.0.1:1").openapi_schema.to_schema()
    known = {*terms.FIELDS, *terms.REQUESTED, *OF_PROTOCOLS}
    asked = set(_names_in(schema))
    assert asked - known == set()
    assert set(terms.REQUESTED) <= asked


def _names_in(schema: dict[str, Any]) -> Iterator[str]:
    kinds = schema["components"]["schemas"]
    seen: set[str] = set()

    def within(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                yield from within(kinds[name])
            yield from part.get("properties", ())
            for each in part.values():
                yield from within(each)
        elif isinstance(part, list):
            for each in part:
                yield from within(each)

    for item in schema["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                yield from (parameter["name"] for parameter in operation.get("parameters", ()))
                yield from within(operation.get("requestBody", {}))
