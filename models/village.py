"""Lights documents of villages: the one way from what is known to what is shown, for gateway and nightly run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from models import calendar
from models.cases import Case, CaseFact, case_fact, case_spans, fold_cases
from models.catalogue import ReadingError
from models.documents import ClearedCase, Inspection, LightsDocument, OpenCase, Round
from models.ids import parse_id
from models.lights import light_codes, to_letters
from models.readings import ReadingLog, Readings

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.documents import AnyDocument
    from models.policy import Policy


#: The kinds of event that lights are computed from.
LIT_KINDS: Final = frozenset({"report", "round", "case", "inspection"})


class Rulebook(msgspec.Struct, frozen=True):
    """What lights are computed by: catalogue, policy, and how the store was set up.

    ``watched_since`` is the epoch day from which silence counts; ``is_simulated`` marks a store of simulated events.
    """

    catalogue: Catalogue
    policy: Policy
    watched_since: int
    is_simulated: bool


def reading_log(documents: Iterable[AnyDocument], village_index: Mapping[str, int], catalogue: Catalogue) -> ReadingLog:
    """The readings of rounds and inspections. Left out are readings that this catalogue does not have or allow: they
    were taken under an earlier edition."""
    rows: list[tuple[int, int, int, str, float]] = []
    for document in documents:
        if isinstance(document, Round | Inspection):
            identity = parse_id(document.id)
            village, at_ms = village_index.get(identity.division), calendar.to_ms(document.observed_at)
            if village is None or identity.ulid is None:
                continue
            for code, value in document.readings.items():
                with suppress(ReadingError):
                    encoded = catalogue.encode_reading(code, value)
                    rows.append((village, catalogue.index[code], at_ms, identity.ulid, encoded))
    village_, indicator, at, ulid, value_ = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return ReadingLog(
        np.array(village_, np.int32),
        np.array(indicator, np.uint8),
        np.array(at, np.int64),
        np.array(ulid, "S26"),
        np.array(value_, np.float64),
    )


def lights_of_documents(
    villages: Sequence[str], documents: Sequence[AnyDocument], rulebook: Rulebook, today: int
) -> list[LightsDocument]:
    """The lights documents of some villages from all of their events, in the order of ``villages``."""
    index = {code: position for position, code in enumerate(villages)}
    readings = Readings.none(len(villages), len(rulebook.catalogue.indicators)).fold(
        reading_log(documents, index, rulebook.catalogue)
    )
    facts = (case_fact(document) for document in documents)
    return lights_documents(villages, readings, (f for f in facts if f is not None), rulebook, today)


def lights_documents(
    villages: Sequence[str], readings: Readings, facts: Iterable[CaseFact], rulebook: Rulebook, today: int
) -> list[LightsDocument]:
    """The lights documents of villages from folded readings ``(V, I)`` and the facts of their cases."""
    cases = fold_cases(facts, rulebook.policy)
    return lights_of_cases(villages, readings, cases, rulebook, today)


def lights_of_cases(
    villages: Sequence[str], readings: Readings, cases: Sequence[Case], rulebook: Rulebook, today: int
) -> list[LightsDocument]:
    """The lights documents of villages from folded readings ``(V, I)`` and folded cases."""
    catalogue, policy = rulebook.catalogue, rulebook.policy
    index = {code: position for position, code in enumerate(villages)}
    spans = case_spans(cases, index, catalogue.index)
    case_light = spans.on(today, *readings.value.shape)
    letters = to_letters(light_codes(readings, case_light, catalogue.rules, rulebook.watched_since, today))
    shown = [case for case in cases if case.indicator in catalogue.index]
    open_cases, cleared = _open_cases(shown, today), _cleared_cases(shown, policy, today)
    return [
        LightsDocument(
            id=f"{village}:lights",
            lights=text,
            catalogue=catalogue.version,
            policy=policy.version,
            cases=open_cases.get(village, []),
            cleared=cleared.get(village, []),
            simulated=rulebook.is_simulated,
        )
        for village, text in zip(villages, letters, strict=True)
    ]


def _open_cases(cases: Iterable[Case], today: int) -> dict[str, list[OpenCase]]:
    by_village: dict[str, list[OpenCase]] = defaultdict(list)
    for case in cases:
        if case.is_open:
            by_village[case.village].append(open_case(case, today))
    return by_village


def _cleared_cases(cases: Iterable[Case], policy: Policy, today: int) -> dict[str, list[ClearedCase]]:
    by_village: dict[str, list[ClearedCase]] = defaultdict(list)
    for case in cases:
        if (day := case.cleared_day) is not None and 0 <= today - day <= policy.relapse.within_days:
            one = ClearedCase(
                case=case.case,
                indicator=case.indicator,
                severity=case.severity,
                cleared_on=calendar.day_of(day),
            )
            by_village[case.village].append(one)
    return by_village


def open_case(case: Case, today: int) -> OpenCase:
    """What a village's lights document says of an open case."""
    return OpenCase(
        case=case.case,
        indicator=case.indicator,
        severity=case.severity,
        opened_on=calendar.day_of(case.opened_day),
        due=calendar.day_of(case.due_day),
        is_overdue=case.is_overdue(today),
        stage=case.stage_on(today),
        owner=case.owner,
        asked=case.asked,
        told=list(case.told),
        is_relapse=case.is_relapse,
    )
