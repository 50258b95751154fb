"""Which field does not fit and what to do about it, in Chinese and English, from what msgspec says of it."""

from __future__ import annotations

import re
from typing import Final

from models import terms

#: msgspec's message, and what it means; the groups are filled in. The first that is found counts.
_MEANINGS: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), zh, en)
    for pattern, zh, en in (
        (r"missing required field", "没有填写，请补上", "is missing: fill it in"),
        (r"unknown field", "不是系统所有的项目，请去掉", "is not known here: leave it out"),
        (r"`str` of length <= (\d+)", "最多 {} 字，请删减", "holds {} characters at most: shorten it"),
        (r"of length <= (\d+)", "最多 {} 项，请减少", "holds {} entries at most: take some out"),
        (r"`str` of length >= 1\b", "不能为空，请填写", "is empty: fill it in"),
        (r"`str` of length >= (\d+)", "至少 {} 字", "needs {} characters at least"),
        (r"of length >= (\d+)", "至少 {} 项，请补上", "needs {} entries at least: add some"),
        (
            r"regex '\[\^\\+W_",
            "不能为空，也不能只有标点，请写明",
            "must say something in letters or digits: write it out",
        ),
        (r"matching regex", "格式不正确，请核对", "has not the form it must have: check it"),
        (r">= (-?[\d.]+)", "不能小于 {}，请改正", "must not be less than {}: correct it"),
        (r"<= (-?[\d.]+)", "不能大于 {}，请改正", "must not be more than {}: correct it"),
        (r"> (-?[\d.]+)", "应大于 {}，请改正", "must be more than {}: correct it"),
        (r"< (-?[\d.]+)", "应小于 {}，请改正", "must be less than {}: correct it"),
        (r"Invalid enum value", "只能从所列的选项中选择", "must be one of the choices: choose one"),
        (
            r"encoded datetime|`datetime`",
            "应是时间，如 2026-03-01T08:00+08:00",
            "is no time such as 2026-03-01T08:00+08:00",
        ),
        (r"encoded date|`date`", "应是日期，如 2026-03-01", "is no date such as 2026-03-01"),
        (r"Expected `(?:int|float)`", "应填数字", "must be a number"),
        (r"Expected `bool`", "应填是或否", "must be yes or no (true, false)"),
        (r"Expected `str`", "应填文字", "must be text"),
        (r"Expected `array`", "应是若干项", "must be a list"),
    )
)
_GENERIC: Final = ("填写不符合要求，请改正", "is not as it must be: correct it")
_MISSING: Final = re.compile(r"Missing required \w+ parameter '(\w+)'")
_NAMED: Final = re.compile(r"field `(\w+)`")
_PATH: Final = re.compile(r"`\$\.?([^`]*)`")
_FIELD: Final = re.compile(r"[A-Za-z_]\w*")
_ENTRY: Final = re.compile(r"\[(\d+)\]")
#: What a request as a whole is called where a part of it is not.
_WHOLE: Final = ("", "data")


def field_fault(said: str, path: str | None = None) -> tuple[str, str]:
    """One reason in Chinese and English. ``path``: where the fault lies, as ``items[0].due``, if the message itself
    does not end with it."""
    found = _PATH.search(said)
    at = (found[1] if found else "") if path is None else path
    named = _NAMED.search(said)
    names = [*_FIELD.findall(at), *([named[1]] if named else [])]
    name = names[-1] if names else ""
    if name in _WHOLE:
        return "提交的内容为空或不是所要求的形式。", "The body is empty, or not of the form that is asked for here."
    entries = _ENTRY.findall(at)
    zh, en = next((_filled(match, zh, en) for sign, zh, en in _MEANINGS if (match := sign.search(said))), _GENERIC)
    term = terms.FIELDS.get(name) or terms.REQUESTED.get(name)
    said_zh = f"“{term}”" if term else "有一项"  # which the English names
    where_zh, where_en = (f"第 {int(entries[0]) + 1} 项", f" (entry {int(entries[0]) + 1})") if entries else ("", "")
    return f"{where_zh}{said_zh}{zh}。", f"The field {name!a}{where_en} {en}."


def request_fault(extra: object, detail: str) -> tuple[str, str] | None:
    """The same for the first of the faults that Litestar lists of a request, or for what it misses in the address; None
    where it says neither."""
    if missing := _MISSING.search(detail):
        return field_fault("missing required field", missing[1])
    match extra:
        case [{"message": str(said), "key": str(path)}, *_]:
            return field_fault(said, path)
    return None


def _filled(found: re.Match[str], zh: str, en: str) -> tuple[str, str]:
    numbers = [number.removesuffix(".0") for number in found.groups()]
    return zh.format(*numbers), en.format(*numbers)
