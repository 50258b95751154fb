"""Which cases a list shows, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from models import calendar
from models.documents import Channel, Report, Severity
from models.ids import CODE_LENGTHS
from models.policy import Policy
from sync_api.access.accounts import Account
from sync_api.casework.book import Matter
from sync_api.casework.views import place_of

if TYPE_CHECKING:
    from models.cases import Case
    from models.divisions import Register

#: Why a case stands on somebody's list of tasks: asked to take it over, in charge of it, to review it, told of it; or
#: the office in charge has no open account, and this is the next one above it that has.
Task = Literal["asked", "own", "vacant", "review", "told"]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger is narrowed to; an unset field lets all through. ``indicator``: of an indicator, an item or a
    category; ``owed_by``: an office in charge of it, or asked
    for it; ``is_red``: it gives a red light; ``is_untaken``: nobody took it up in time; ``since``
    and ``until``: days of opening, both included, and ``cleared_since`` and ``cleared_until`` of clearing; ``words``
    must all be found in the text, in what was found and done, or in the names of the place."""

    division: str = ""
    is_open: bool | None = None
    is_overdue: bool = False
    is_relapse: bool = False
    is_red: bool = False
    is_untaken: bool = False
    severity: Severity | None = None
    indicator: str | None = None
    channel: Channel | None = None
    owed_by: str | None = None
    since: date | None = None
    until: date | None = None
    cleared_since: date | None = None
    cleared_until: date | None = None
    words: tuple[str, ...] = ()


def matching(
    matters: Iterable[Matter], wanted: Filter, register: Register, policy: Policy, today: int
) -> Iterator[Matter]:
    """Those that pass, in the order given."""
    for matter in matters:
        case = matter.case
        if (
            (wanted.is_open is None or case.is_open == wanted.is_open)
            and (not wanted.is_overdue or case.is_overdue(today))
            and (not wanted.is_relapse or matter.is_relapse)
            and (not wanted.is_red or is_red(case, today))
            and (not wanted.is_untaken or is_untaken(case, policy, today))
            and wanted.severity in (None, case.severity)
            and (wanted.indicator is None or case.indicator.startswith(wanted.indicator))
            and (wanted.channel is None or _channel(matter) == wanted.channel)
            and (wanted.owed_by is None or wanted.owed_by in case.debtors)
            and _is_within(case.opened_day, wanted.since, wanted.until)
            and _is_within(case.cleared_day, wanted.cleared_since, wanted.cleared_until)
            and (not wanted.words or _has_words(matter, wanted.words, register))
        ):
            yield matter


def _is_within(day: int | None, since: date | None, until: date | None) -> bool:
    """Whether a day lies in a period, both of whose ends are in it; what has no day yet lies in no period but all."""
    if since is None and until is None:
        return True
    return (
        day is not None
        and (since is None or day >= calendar.epoch_day(since))
        and (until is None or day <= calendar.epoch_day(until))
    )


def tasks_of(
    account: Account, matters: Iterable[Matter], policy: Policy, accounts: Iterable[Account]
) -> list[tuple[Task, Matter]]:
    """The open cases that wait for the account's office, by due day; ``accounts``: all that are open."""
    working = [one for one in accounts if one.role != "informant"]
    staffed = {(office, division) for one in working for office in one.offices for division in one.divisions}
    found = [(task, m) for m in matters if m.case.is_open and (task := _task(account, m, policy, staffed)) is not None]
    return sorted(found, key=lambda one: (one[1].case.due_day, one[1].case.case))


def _task(account: Account, matter: Matter, policy: Policy, staffed: Container[tuple[str, str]]) -> Task | None:
    case, offices = matter.case, account.offices
    if case.asked in offices:
        return "asked"
    if case.stage == "review" and reviewing_office(case, policy) in offices:
        return "review"
    if case.owner in offices:
        return "own"
    if not set(case.called).isdisjoint(offices):
        return "asked"  # as others are
    if _stands_in(case, staffed) in offices:
        return "vacant"
    is_told = not _has_written(account, matter) and not set(case.told).isdisjoint(offices)
    return "told" if is_told else None


def _stands_in(case: Case, staffed: Container[tuple[str, str]]) -> str | None:
    """Who has it among the tasks in the place of an office without an open account: the next above it that has one, but
    for the city of what is a village's or a township's."""
    above = [case.village[: CODE_LENGTHS[level]] for level in ("village", "township", "county", "city")]
    of_department = not case.owner.isdigit()
    if any((case.owner, division) in staffed for division in ([*above] if of_department else [case.owner])):
        return None
    below = CODE_LENGTHS["township"] if of_department else len(case.owner)
    least = CODE_LENGTHS["county" if below > CODE_LENGTHS["county"] and not of_department else "city"]
    higher = (code for code in above if least <= len(code) < below)
    return next((code for code in higher if (code, code) in staffed), None)


def _has_written(account: Account, matter: Matter) -> bool:
    """Who reported a case, or took a step of it, knows of it."""
    return account.alias in (matter.opener, *(step.author for step in matter.steps))


def reviewing_office(case: Case, policy: Policy) -> str:
    """The division whose office looks whether a matter is really better: that of the level that acts on its severity,
    and no village, which would look at its own work."""
    level = policy.response_to(case.severity).acts
    return case.village[: CODE_LENGTHS["township" if level == "village" else level]]


def _channel(matter: Matter) -> Channel | None:
    return matter.opening.channel if isinstance(matter.opening, Report) else None


def _has_words(matter: Matter, words: tuple[str, ...], register: Register) -> bool:
    clearing = matter.clearing
    texts = [matter.opening.text, *place_of(register, matter.case.village)]
    texts += [clearing.found, clearing.done] if clearing else []
    whole = "\n".join(texts).casefold()
    return all(word.casefold() in whole for word in words)


def is_red(case: Case, today: int) -> bool:
    """Whether an open case lights its lamp red."""
    return case.is_open and (case.severity == "major" or (case.severity == "general" and case.is_overdue(today)))


def is_untaken(case: Case, policy: Policy, today: int) -> bool:
    """Whether nobody has taken up an open case in time."""
    return case.is_untaken(today, policy.response_to(case.severity).take_up_days)
