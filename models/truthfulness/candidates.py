"""What may have been reported late, not at all, or been hidden: candidates, for a person to look at (mission 7).

- **Late** is judged by when a matter was seen and when it was saved on the tablet, never by when it arrived. A
  correction does not make a report late.
- **Missed**: another channel or a patrol saw what no informant of the village reported on the indicator within the
  policy's window. Which of those who served then should have seen it, a person says. Where nobody served, or who did
  was suspended, there is a blind spot, and nothing was missed.
- **Hidden** is proposed where an informant had reported on the indicator not long before: then it was known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from models import calendar
from models.documents import Candidate, Channel, Report, Severity
from models.ids import parse_id
from models.informants.terms import on_duty

if TYPE_CHECKING:
    from models.informants.terms import Term
    from models.policy.truthfulness import TruthfulnessPolicy
    from models.truthfulness.ladder import InForce


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report, as last corrected; ``saved_day`` of the first. Epoch days in Heze."""

    id: str
    village: str
    alias: str
    indicator: str
    severity: Severity
    channel: Channel
    seen_day: int
    saved_day: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else than an informant saw. ``id`` of the report or the inspection."""

    id: str
    village: str
    indicator: str
    day: int
    channel: Channel


def told(reports: Iterable[Report]) -> list[Told]:
    """Reports with their corrections folded in, in the order of their ids."""
    versions: dict[str, list[Report]] = defaultdict(list)
    for report in {one.id: one for one in reports}.values():
        versions[report.amends or report.id].append(report)
    found = []
    for first_id, of_one in sorted(versions.items()):
        of_one.sort(key=lambda one: one.id[-26:])
        first, last = of_one[0], of_one[-1]
        identity = parse_id(first_id)
        found.append(
            Told(
                id=first_id,
                village=identity.division,
                alias=identity.owner or "",
                indicator=last.indicator,
                severity=last.severity,
                channel=last.channel,
                seen_day=calendar.local_day(first.observed_at),
                saved_day=calendar.local_day(first.saved_at),
            )
        )
    return found


def find(
    reports: Iterable[Told],
    patrols: Iterable[Seen],
    terms: Iterable[Term],
    decided: Iterable[InForce],
    policy: TruthfulnessPolicy,
    today: int,
) -> list[Candidate]:
    """The candidates of a day, by village and what they are about. The order of what is given makes no difference.
    ``decided``: the sanctions in force; who is suspended by one can neither miss anything nor be late."""
    reports, terms, decided = list(reports), list(terms), list(decided)
    of_village: dict[str, list[Term]] = defaultdict(list)
    for term in on_duty(terms, decided):
        of_village[term.village].append(term)
    aliases = {(term.village, term.alias) for term in terms}
    own = [one for one in reports if (one.village, one.alias) in aliases]
    others = [one for one in reports if (one.village, one.alias) not in aliases]
    found = [c for one in own if (c := _late(one, of_village[one.village], decided, policy, today)) is not None]
    found += _missed(own, _facts(others, patrols, policy), of_village, policy, today)
    return _by_what_they_are_about(found)


def _by_what_they_are_about(found: list[Candidate]) -> list[Candidate]:
    """What a patrol saw on one visit is one candidate, and hidden only where all of it was known."""
    of_one: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for one in sorted(found, key=lambda one: (one.finding == "concealed", one.indicator)):
        of_one[one.village, one.about].append(one)
    return [
        msgspec.structs.replace(
            of[0],
            again=sorted({identity for one in of for identity in one.again}),
            evidence=sorted({identity for one in of for identity in one.evidence}),
            also=sorted(one.indicator for one in of[1:]),
        )
        for _, of in sorted(of_one.items())
    ]


def _late(
    one: Told, terms: list[Term], decided: list[InForce], policy: TruthfulnessPolicy, today: int
) -> Candidate | None:
    days = one.saved_day - one.seen_day
    served = any(term.alias == one.alias and term.holds_on(one.saved_day) for term in terms)
    served &= not any(s.alias == one.alias and s.is_suspended_in(one.seen_day, one.saved_day + 1) for s in decided)
    is_recent = 0 <= today - one.saved_day <= policy.look_back_days
    if not (served and is_recent and days > policy.late_days.of(one.severity)):
        return None
    return Candidate(
        finding="late",
        village=one.village,
        indicator=one.indicator,
        about=one.id,
        seen_on=calendar.day_of(one.seen_day),
        days=days,
        channel=one.channel,
    )


def _facts(others: list[Told], patrols: Iterable[Seen], policy: TruthfulnessPolicy) -> list[Seen]:
    """Important things that came by another channel, and what patrols found that nobody had told of before."""
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in others:
        days[one.village, one.indicator].append(one.seen_day)
    facts = [
        Seen(id=one.id, village=one.village, indicator=one.indicator, day=one.seen_day, channel=one.channel)
        for one in others
        if one.channel != "tablet" and one.severity in policy.important
    ]
    return facts + [
        seen
        for seen in patrols
        if not any(0 < seen.day - day <= policy.known_days for day in days.get((seen.village, seen.indicator), ()))
    ]


def _missed(
    own: list[Told],
    facts: list[Seen],
    terms: dict[str, list[Term]],
    policy: TruthfulnessPolicy,
    today: int,
) -> list[Candidate]:
    reported: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in own:
        reported[one.village, one.indicator].append(one)
    found: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for fact in sorted(set(facts), key=lambda one: (one.day, one.id, one.indicator)):
        key = (fact.village, fact.indicator)
        candidate = _judged(fact, reported.get(key, []), terms.get(fact.village, []), policy, today)
        if candidate is None:
            continue
        before = found[key][-1] if found[key] else None
        if before is not None and (candidate.seen_on - before.seen_on).days <= policy.window_before_days:
            # the same matter, seen again
            found[key][-1] = msgspec.structs.replace(before, again=[*before.again, fact.id])
        else:
            found[key].append(candidate)
    return [candidate for of in found.values() for candidate in of]


def _judged(
    fact: Seen, reported: list[Told], terms: list[Term], policy: TruthfulnessPolicy, today: int
) -> Candidate | None:
    first, last = fact.day - policy.window_before_days, fact.day + policy.window_after_days
    if not last < today <= fact.day + policy.look_back_days or not any(term.holds_on(fact.day) for term in terms):
        return None
    if any(first <= day <= last for one in reported for day in (one.seen_day, one.saved_day)):
        return None
    known = sorted(one.id for one in reported if first - policy.known_days <= one.seen_day < first)
    return Candidate(
        finding="concealed" if known else "missed",
        village=fact.village,
        indicator=fact.indicator,
        about=fact.id,
        seen_on=calendar.day_of(fact.day),
        days=policy.window_after_days,
        channel=fact.channel,
        evidence=known,
    )
