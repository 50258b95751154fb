"""Reasons, parts, marks and measures of evaluations in Chinese and English, from their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models import terms

if TYPE_CHECKING:
    from models.documents import Reason
    from models.policy.evaluation import EvaluationPolicy

_REASONS: Final[dict[str, tuple[str, str]]] = {
    "score_strong": ("得分 {0}，不低于 {1}", "score {0}, at least {1}"),
    "score_fair": ("得分 {0}，不低于 {1}", "score {0}, at least {1}"),
    "score_weak": ("得分 {0}，低于 {1}", "score {0}, below {1}"),
    "score_paralysed": ("得分 {0}，低于 {1}", "score {0}, below {1}"),
    "red_at_close": ("期末仍亮红灯：{all}", "red on the last day: {all}"),
    "newly_paralysed": ("上期（{0}）尚未瘫痪", "not paralysed in the period before ({0})"),
    "teams_newly_paralysed": ("新增瘫痪班子 {0} 个", "village teams newly paralysed: {0}"),
    "among_the_best": (
        "平均 {0} 分，列全县 {2} 个乡镇前 {1} 名",
        "mean score {0}, among the best {1} of {2} townships",
    ),
    "counties_best": (
        "平均 {0} 分，列全市 {2} 个县区前 {1} 名",
        "mean score {0}, among the best {1} of {2} counties",
    ),
    "mean_at_least": ("平均 {0} 分，不低于 {1}", "mean score {0}, at least {1}"),
    "teams_put_right": ("转化班子 {0} 个，不少于 {1} 个", "village teams put right: {0}, at least {1}"),
}
_PERIODS: Final[dict[str, tuple[str, str]]] = {
    "H1": ("上半年（初考）", "the first half of"),
    "H2": ("下半年（初考）", "the second half of"),
    "Y": ("全年（终考）", "the year"),
}
COMPONENTS: Final[dict[str, tuple[str, str]]] = {
    "lights": ("亮灯天数", "days in each light"),
    "taken_up_late": ("受理超时", "taken up late"),
    "overdue": ("逾期", "overdue"),
    "relapse": ("反弹", "relapses"),
    "finding": ("巡查发现未报问题", "found by a patrol and not reported"),
    "omission_late": ("迟报", "reported late"),
    "omission_missed": ("漏报", "not reported"),
    "omission_concealed": ("瞒报", "concealed"),
    "in_time": ("按期办结", "cleared in time"),
}


def reason_words(reason: Reason, policy: EvaluationPolicy) -> tuple[str, str]:
    """Chinese and English. A clause that the policy has no longer is named by its code."""
    if reason.code == "clause":
        [code] = reason.params
        named = {clause.code: (clause.zh, clause.en) for clause in policy.clauses}
        return named.get(code, (code, code))
    zh, en = _REASONS[reason.code]
    params = reason.params
    if reason.code == "newly_paralysed":
        before_zh, before_en = period_words(params[0])
        return zh.format(before_zh), en.format(before_en)
    return zh.format(*params, all="、".join(params)), en.format(*params, all=", ".join(params))


def period_words(name: str) -> tuple[str, str]:
    """A period as offices call it."""
    year, part = name[:4], name[4:]
    zh, en = _PERIODS[part]
    return f"{year}年{zh}", f"{en} {year}"


def grade_words(grade: str) -> tuple[str, str]:
    return terms.GRADES[grade], grade


def mark_words(mark: str) -> tuple[str, str]:
    return terms.MARKS.get(mark, mark), mark.replace("_", " ")


def measure_words(measure: str) -> tuple[str, str]:
    return terms.MEASURES[measure], measure.replace("_", " ")
