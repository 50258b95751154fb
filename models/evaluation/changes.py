"""What a version of an evaluation or a summary says otherwise than the one before it, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from models import terms
from models.documents import Component, Evaluation, Response, Summary
from models.evaluation.words import COMPONENTS, mark_words, measure_words, reason_words

if TYPE_CHECKING:
    from models.policy.evaluation import EvaluationPolicy

#: Chinese and English.
Words = tuple[str, str]
NONE: Final[Words] = ("无", "none")
#: An indicator's days, as evidence for lights says them.
LIGHT_DAYS: Final = re.compile(r"(\d\.\d\.\d) y(\d+) r(\d+) s(\d+)\Z")
_RESPONSE: Final[dict[str, Words]] = {
    "opened": ("立项", "cases opened"),
    "taken_up": ("已受理", "taken up"),
    "take_up_days": ("受理用时（天）", "days until taken up"),
    "cleared": ("撤销", "cleared"),
    "clear_days": ("办结用时（天）", "days until cleared"),
    "overdue": ("逾期事项", "overdue cases"),
}


def change_words(
    old: Evaluation | Summary, new: Evaluation | Summary, policy: EvaluationPolicy, name: Callable[[str], str]
) -> list[Words]:
    """A line for each fact that differs. ``name``: what a village is called."""
    before, after = _facts(old, policy, name), _facts(new, policy, name)
    lines = []
    for key in [*after, *(key for key in before if key not in after)]:
        label = (after.get(key) or before[key])[0]
        was, now = ((facts[key][1] if key in facts else NONE) for facts in (before, after))
        kind, _, part = key.partition(".")
        is_said = kind == "evidence" and before.get(f"part.{part}") != after.get(f"part.{part}")
        if was != now and not is_said:
            lines.append((f"{label[0]}：{was[0]} → {now[0]}", f"{label[1]}: {was[1]} → {now[1]}"))
    return lines


def _facts(
    document: Evaluation | Summary, policy: EvaluationPolicy, name: Callable[[str], str]
) -> dict[str, tuple[Words, Words]]:
    """By a key of its own, what each fact is called and what it is."""
    facts: dict[str, tuple[Words, Words]] = {}
    if isinstance(document, Evaluation):
        facts["score"] = ("得分", "score"), _same(f"{document.score:.2f}")
        facts["grade"] = ("拟定档次", "proposed grade"), (terms.GRADES[document.grade], document.grade)
        for part in document.components:
            facts |= _part(part)
        for mark in terms.MARKS:
            facts[f"mark.{mark}"] = mark_words(mark), (("是", "yes") if mark in document.marks else ("否", "no"))
        facts["red"] = ("期末红灯", "red on the last day"), _listed([_same(one) for one in document.red_at_close])
        if document.previous is not None:
            was = document.previous
            said = f"{was.score:.2f}"
            facts["previous"] = ("上期", "period before"), (f"{said} {terms.GRADES[was.grade]}", f"{said} {was.grade}")
    else:
        facts["mean"] = ("平均分", "mean score"), _same(f"{document.mean:.2f}")
        facts["villages"] = ("村数", "villages"), _same(str(document.villages))
        for grade, count in document.grades.items():
            facts[f"grade.{grade}"] = (terms.GRADES[grade], grade), _same(str(count))
        for mark, count in document.marks.items():
            facts[f"mark.{mark}"] = mark_words(mark), _same(str(count))
        for key, label, codes in (
            ("newly_paralysed", ("新增瘫痪班子", "newly paralysed"), document.newly_paralysed),
            ("put_right", ("转化班子", "put right"), document.put_right),
        ):
            facts[key] = label, _listed([_same(name(code)) for code in codes])
        facts["measures"] = ("拟定处理", "proposed"), _listed([measure_words(one) for one in document.measures])
    facts["reasons"] = ("理由", "reasons"), _listed([reason_words(one, policy) for one in document.reasons])
    return facts | _response(document.response)


def _part(part: Component) -> dict[str, tuple[Words, Words]]:
    """A component's points, and what they come from."""
    zh, en = label = COMPONENTS.get(part.code, (part.code, part.code))
    found = {f"part.{part.code}": (label, (f"{part.points:.2f} 分", f"{part.points:.2f} points"))}
    others = []
    for text in part.evidence:
        if (days := LIGHT_DAYS.match(text)) is None:
            others.append(_same(text[-6:]))
        else:
            code, yellow, red, silent = days.groups()
            said = f"黄 {yellow} 天、红 {red} 天、未报 {silent} 天", f"yellow {yellow}, red {red}, silent {silent} days"
            found[f"days.{code}"] = (f"{code} {zh}", f"{code} {en}"), said
    if others:  # other things may give the same points
        found[f"evidence.{part.code}"] = (f"{zh}（依据）", f"{en} (evidence)"), _listed(others)
    return found


def _response(response: Response) -> dict[str, tuple[Words, Words]]:
    return {f"response.{key}": (label, _same(str(getattr(response, key)))) for key, label in _RESPONSE.items()}


def _same(text: str) -> Words:
    return text, text


def _listed(words: list[Words]) -> Words:
    return ("、".join(zh for zh, _ in words), ", ".join(en for _, en in words)) if words else NONE
