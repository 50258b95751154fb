"""Which steps are refused, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from models.cases.facts import CaseFact
from models.cases.fold import fold_case
from models.documents import CaseEvent, CaseStep, has_words

if TYPE_CHECKING:
    from models.policy import Policy


class Illegal(msgspec.Struct, frozen=True):
    """Why a step is not legal where it stands."""

    code: str
    zh: str
    en: str


#: By code, as ``course`` and ``judge`` give it.
ILLEGAL: Final[dict[str, Illegal]] = {
    reason.code: reason
    for reason in (
        Illegal(
            "case_closed",
            "这一事项当时已撤销警示；如又反弹，请先办理“反弹重立”。",
            "The case had been cleared by then; if the matter came back, reopen it first.",
        ),
        Illegal("case_open", "这一事项当时没有撤销，不能重立。", "The case was open: only a cleared one is reopened."),
        Illegal(
            "not_acted",
            "还没有人办理（没有“进展”“提请复查”或“派工作组”），不能认定好转或撤销警示。",
            "Nobody has acted yet (no progress, submission or team), so it is not found better and not cleared.",
        ),
        Illegal(
            "not_asked",
            "这一事项没有交你单位办理：由被交办的单位，或者按严重程度应当办理的一级及其上级受理。",
            "It was not handed to this office: who was asked takes it, or the level that must act on it, or one above.",
        ),
        Illegal(
            "not_graver",
            "上交时的问题大小应比现在更重；不变的不必上交。",
            "What is handed up is graver than it was known to be; what stays as it is need not be.",
        ),
        Illegal(
            "own_village",
            "一般问题、重大问题由乡镇以上单位或者部门复查，本村不能复查本村的事。",
            "What is more than a small matter is reviewed by an office above the village, or by a department.",
        ),
        Illegal(
            "not_reviewed",
            "撤销警示之前须由核实人跟踪复查，认定已经好转；小问题可以由核实人直接撤销。",
            "Before the all-clear its verifier reviews the matter and finds it better, or clears a small one itself.",
        ),
        Illegal(
            "verifier_acted",
            "经办人不能核实自己办的事，经办部门也不能，请由他人复查。",
            "Who acted on the matter cannot verify it, nor can their department: let somebody else review it.",
        ),
        Illegal(
            "already_opened",
            "这一事项已经立项；要更正，请由立项人更正原来的那一份。",
            "This case was opened already: who opened it corrects what was written first.",
        ),
        Illegal(
            "deadline_of_above",
            "这一期限是上级以整改通知书规定的，由上级延长；如有困难，请书面说明。",
            "This deadline was set by an order of an office above, which puts it off; tell it in writing what hinders.",
        ),
        Illegal(
            "deadline_not_yours",
            "期限由承办单位和应办单位的上级延长，更正不延长；立项、上交、重立时所定的期限，从当天起不能超过规定的天数；应办单位自己交办、限期整改的，"
            "从知晓之日起不能超过最长的规定天数。",
            "A deadline is put off by an office above the one in charge and the one that must act, and by no"
            " correction; one that is set when a matter is opened, handed up or reopened is no longer, from that day,"
            " than the policy has it, and one by which who must act hands it over or orders it done no longer than the"
            " longest term, from when the matter was known.",
        ),
        Illegal(
            "milder_than_before",
            "反弹的事项不能报得比上次轻；确实较轻的，由按规定应当办理的一级或其上级重立。",
            "What comes back is no smaller than it was, unless the office that must act on it, or one above, says so.",
        ),
        Illegal("no_reason_given", "延长期限必须写明理由。", "Who puts a deadline off says why."),
        Illegal("recalled", "这一步所依据的文件已经撤回。", "The paper that this step came with was withdrawn."),
        Illegal(
            "not_acting",
            "这样大小的问题，由按规定应当办理的一级或其上级撤销警示。",
            "An all-clear of a matter so bad is given by the office that must act on it, or by one above.",
        ),
        Illegal("unknown_case", "库中没有这一事项。", "There is no such case in the store."),
        Illegal(
            "before_report",
            "这一步的保存时间早于事项上报的时间。",
            "The step was saved before the matter was reported.",
        ),
        Illegal("cleared_before_opened", "撤销警示的时间早于立项。", "It is cleared at a time before it was opened."),
    )
}


def judge(known: Iterable[CaseFact], new: CaseFact, policy: Policy) -> Illegal | None:
    """Whether a step may join the facts of its case that are known; None if it may.

    It is judged where it happened, not where it arrives. A step whose case is not known yet waits for it (the report
    may still lie on another tablet), except an all-clear: who clears a case has seen it.
    """
    facts = {*known, new}
    case = fold_case(facts, policy)
    if case is None:
        return ILLEGAL["unknown_case"] if new.step == "cleared" else None
    return next((ILLEGAL[aside.code] for aside in case.set_aside if aside.ulid == new.ulid), None)


def voids(known: Iterable[CaseFact], new: CaseFact, policy: Policy) -> list[str]:
    """The ULIDs of the all-clears that a step of the same case, which comes late, leaves without effect: it happened
    before, and with it the case could not have been cleared."""
    known = set(known)
    cleared = {fact.ulid for fact in known if fact.step == "cleared"}
    if not cleared:
        return []
    before, after = fold_case(known, policy), fold_case({*known, new}, policy)
    gone = {aside.ulid for aside in after.set_aside} if after else set()
    return sorted(cleared & gone - ({aside.ulid for aside in before.set_aside} if before else set()))


#: What each step must say. Nothing closes without what was found, what was done and who verified it (mission 9).
_REQUIRED: Final[dict[CaseStep, tuple[str, ...]]] = {
    "opened": ("indicator", "severity"),
    "taken": ("office",),
    "seen": ("office",),
    "assigned": ("department",),
    "deadline": ("due", "department"),
    "submitted": ("done",),
    "reviewed": ("is_better", "text"),
    "cleared": ("found", "done", "verified_by"),
    "reopened": ("text",),
    "progress": ("text",),
}


def step_faults(event: CaseEvent) -> str | None:
    """The name of the first field that a step lacks, or None."""
    if event.step == "assigned" and event.office is not None:
        return None  # to an office instead of a department
    return next((name for name in _REQUIRED.get(event.step, ()) if _is_blank(getattr(event, name))), None)


def _is_blank(value: object) -> bool:
    return not has_words(value) if isinstance(value, str) else value is None
