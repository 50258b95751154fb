"""What the early warning is told of villages, whom it lists, why, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import calendar
from models.cases import CaseFact, case_fact
from models.catalogue import default_catalogue
from models.divisions import parse_register
from models.documents import (
    AnyDocument,
    Appointment,
    NoLongerWatched,
    Risk,
    Settlements,
    Verdict,
    Watched,
    decode_document,
)
from models.early_warning.label import comes_back, gets_worse
from models.early_warning.listing import choose, no_longer, percent, watched
from models.early_warning.outcomes import outcome, together, watched_on
from models.early_warning.panel import VillagePanel, Written, month_ends, village_panel
from models.early_warning.reasons import groups_of, reasons_of
from models.early_warning.verdicts import last_verdicts, watched_since
from models.lights import YELLOW
from models.policy import default_policy
from models.readings import ReadingLog
from models.risk import worsens
from models.risk.features import FeatureRows
from models.risk.label import onset
from models.risk.model import fit, known_label, score
from models.risk.panel import Panel, joined
from models.simulation import default_parameters, simulate_county, simulation_start
from models.village import Rulebook, reading_log
from tests.event_documents import NEIGHBOUR, VILLAGE, report, step, visit

POLICY = default_policy()
CATALOGUE = default_catalogue()
RULES = POLICY.early_warning
VILLAGES = (VILLAGE, NEIGHBOUR)
RULEBOOK = Rulebook(CATALOGUE, POLICY, calendar.epoch_day(date(2025, 12, 1)), is_simulated=True)
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)


def panel_of_events(*events: dict[str, Any], last: date = APRIL, months: int = 3) -> VillagePanel:
    return village_panel(
        written(VILLAGES, [decode_document(msgspec.json.encode(one)) for one in events], last, months),
        RULEBOOK,
        month_ends(last, months),
    )


def written(villages: tuple[str, ...], documents: list[AnyDocument], last: date, months: int) -> Written:
    """As the jobs part the rows of a mirror: by the month in which they were saved."""
    ends, index = month_ends(last, months), {village: at for at, village in enumerate(villages)}
    saved = [int(np.searchsorted(ends, calendar.local_day(one.saved_at))) for one in documents]
    logs: list[ReadingLog] = []
    for month in range(months):
        here = [one for one, at in zip(documents, saved, strict=True) if at == month]
        logs.append(reading_log(here, index, CATALOGUE))
    facts: list[CaseFact] = []
    for one, at in zip(documents, saved, strict=True):
        if at < months and (fact := case_fact(one)) is not None:
            facts.append(fact)
    verdicts = [one for one in documents if isinstance(one, Verdict)]
    settlements = [one for one in documents if isinstance(one, Settlements)]
    appointments = [one for one in documents if isinstance(one, Appointment)]
    return Written(villages, logs, facts, appointments, settlements, verdicts)


def cell(panel: Panel, code: str, at: int, village: int = 0) -> tuple[float, float]:
    column = CATALOGUE.index[code]
    return float(panel.value[village, at, column]), float(panel.light[village, at, column])


def test_months_end_on_the_day_that_is_asked_for() -> None:
    days = [calendar.day_of(day).isoformat() for day in month_ends(date(2026, 3, 31), 3).tolist()]
    assert days == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_a_month_holds_what_was_read_in_it_and_its_light() -> None:
    panel = panel_of_events(visit(VILLAGE, 3, {"1.1.2": 5}), last=MARCH)
    assert cell(panel, "1.1.2", 2) == (5.0, 2.0)
    assert np.isnan(cell(panel, "1.1.2", 1)).all()
    assert np.isnan(cell(panel, "1.1.2", 2, village=1)).all()


def test_what_is_entered_late_counts_from_when_it_was_entered() -> None:
    seen_in_march = visit(VILLAGE, 3, {"1.1.2": 5}) | {"saved_at": "2026-04-09T10:00:00+08:00"}
    panel = panel_of_events(seen_in_march)
    assert np.isnan(cell(panel, "1.1.2", 1)).all()
    assert cell(panel, "1.1.2", 2) == (5.0, 2.0)


def test_a_matter_that_was_told_of_late_lights_nothing_before() -> None:
    told = report(VILLAGE, 10) | {"saved_at": "2026-04-09T10:00:00+08:00"}
    panel = panel_of_events(told)
    assert cell(panel, "4.2.1", 2)[1] > 0
    assert not cell(panel, "4.2.1", 1)[1] > 0
    assert panel.context["cases.open"][0].tolist() == [0, 0, 1]
    in_time = panel_of_events(report(VILLAGE, 10))
    assert in_time.context["cases.open"][0].tolist() == [0, 1, 1]


def test_the_future_changes_no_month_that_is_over() -> None:
    case = report(VILLAGE, 10)
    before = [visit(VILLAGE, 3, {"1.1.2": 5}), case]
    later = [
        step(case, 40, "escalated", severity="major"),
        report(VILLAGE, 10, severity="major")
        | {"_id": report(VILLAGE, 41)["_id"], "amends": case["_id"], "saved_at": "2026-04-20T10:00:00+08:00"},
        visit(VILLAGE, 38, {"1.1.2": 0}),
    ]
    early, late = panel_of_events(*before), panel_of_events(*before, *later)
    np.testing.assert_array_equal(early.value[:, :2], late.value[:, :2])
    np.testing.assert_array_equal(early.light[:, :2], late.light[:, :2])
    for name, figure in early.context.items():
        np.testing.assert_array_equal(figure[:, :2], late.context[name][:, :2])
    assert cell(early, "1.1.2", 2) != cell(late, "1.1.2", 2)  # and the month that it is of does change


def test_an_analysts_verdict_is_known_from_when_it_was_saved() -> None:
    verdict = {
        "_id": f"{VILLAGE[:9]}:verdict:analyst:01KK0000000000000000000000",
        "type": "verdict",
        "village": VILLAGE,
        "is_right": False,
        "text": "走访过",
    }
    panel = panel_of_events(
        verdict | {"observed_at": "2026-03-02T10:00:00+08:00", "saved_at": "2026-04-02T10:00:00+08:00"}
    )
    assert panel.context["verdicts.wrong"].tolist() == [[0, 0, 1], [0, 0, 0]]
    assert not panel.context["verdicts.right"].any()


def lives(village: str, people: int, at: str) -> dict[str, Any]:
    identity = f"{village}:settlements:z109:01KK00000000000000000000{village[-2:]}"
    place = {"name": "某自然村", "households": 10, "people": people}
    return {"_id": identity, "type": "settlements", "natural_villages": [place], "observed_at": at, "saved_at": at}


def test_a_case_counts_by_the_people_of_its_village_drawn_to_the_mean_of_all() -> None:
    entered = "2026-03-20T10:00:00+08:00"
    panel = panel_of_events(report(VILLAGE, 10), lives(VILLAGE, 200, entered), lives(NEIGHBOUR, 3800, entered))
    people, rate = panel.context["staffing.people"], panel.context["cases.per_thousand"]
    assert np.isnan(people[:, 0]).all()  # nobody had entered it yet
    assert people[:, 1].tolist() == [200, 3800]
    mean = 1 / 4000
    np.testing.assert_allclose(rate[:, 1], [1000 * (1 + 1000 * mean) / 1200, 1000 * 1000 * mean / 4800], rtol=1e-5)
    assert rate[0, 1] < 5  # and not the five that one case of two hundred people are


def test_informants_count_from_when_their_appointment_was_entered() -> None:
    at, entered = "2026-03-02T10:00:00+08:00", "2026-04-02T10:00:00+08:00"
    identity = f"{VILLAGE}:appointment:z109:01KK0000000000000000000000"
    appointed = {"_id": identity, "type": "appointment", "alias": "i1", "observed_at": at, "saved_at": entered}
    assert panel_of_events(appointed).context["staffing.informants"].tolist() == [[0, 0, 1], [0, 0, 0]]


def verdict(number: int, is_right: bool, month: int = 3, author: str = "fx", **fields: Any) -> dict[str, Any]:
    at = f"2026-0{month}-0{number}T10:00:00+08:00"
    one = {"_id": f"{VILLAGE[:9]}:verdict:{author}:01KK0000000000000000000{month}0{number}", "type": "verdict"}
    whole = one | {"village": VILLAGE, "is_right": is_right, "text": "走访过", "observed_at": at, "saved_at": at}
    return whole | fields


def said(*verdicts: dict[str, Any]) -> list[Verdict]:
    return [msgspec.convert(one, Verdict) for one in verdicts]


def test_of_a_verdict_that_was_corrected_the_last_word_counts() -> None:
    first, other, amending = said(
        verdict(1, True, since="2026-01-01"),
        verdict(2, True, since="2026-02-01"),
        verdict(3, False, amends=verdict(1, True)["_id"]),
    )
    assert last_verdicts([amending, other, first]) == [other, amending]


def test_a_second_verdict_of_an_analyst_on_a_village_and_list_replaces_the_first() -> None:
    right, wrong, another_list, another_analyst = said(
        verdict(1, True, since="2026-02-01"),
        verdict(2, False, since="2026-02-01"),
        verdict(3, True, since="2026-03-01"),
        verdict(4, True, since="2026-02-01", author="fx2"),
    )
    assert last_verdicts([wrong, right]) == [wrong]
    assert last_verdicts([another_analyst, another_list, wrong, right]) == [wrong, another_list, another_analyst]


def test_a_second_verdict_replaces_the_first_from_when_it_was_saved_and_not_before() -> None:
    panel = panel_of_events(verdict(1, True, 2, since="2026-02-01"), verdict(2, False, 4, since="2026-02-01"))
    assert panel.context["verdicts.right"][0].tolist() == [1, 1, 0]
    assert panel.context["verdicts.wrong"][0].tolist() == [0, 0, 1]


def test_a_verdict_is_of_the_list_that_was_the_last_when_it_was_given() -> None:
    ended = NoLongerWatched(village=VILLAGE, since=date(2026, 1, 1), until=date(2026, 2, 1), chance=20, why="better")
    document = Risk(
        id=f"{VILLAGE[:9]}:risk",
        policy="p",
        model="m",
        watched=[Watched(village=VILLAGE, since=date(2026, 3, 1), chance=30)],
        ended=[ended],
    )
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1))
    found = [watched_since(document, VILLAGE, day) for day in days]
    assert found == [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 1)]
    assert watched_since(document, NEIGHBOUR, days[0]) is None


@cache
def county() -> tuple[VillagePanel, ...]:
    """The two smallest counties of the simulated city over two years, and nothing of what is hidden."""
    from importlib.resources import files

    register = parse_register(files("models.register").joinpath("heze_divisions.csv").read_bytes(), "register")
    until, months = date(2026, 7, 16), 24
    parameters = msgspec.structs.replace(default_parameters(), months=months)
    since = simulation_start(parameters, until)
    rulebook = Rulebook(CATALOGUE, POLICY, calendar.epoch_day(since), is_simulated=True)
    panels = []
    for code in ("371771", "371772"):
        simulated = simulate_county(register, code, CATALOGUE, POLICY, parameters, 110, until)
        documents = [decode_document(one) for one in simulated.documents]
        last = date(2026, 7, 15)
        panels.append(
            village_panel(written(simulated.villages, documents, last, months), rulebook, month_ends(last, months))
        )
    return tuple(panels)


def test_worse_is_what_the_policy_calls_so_and_onset_says_when() -> None:
    panel = joined(county())
    worse, when = gets_worse(panel, RULES), onset(panel, RULES.horizon_months, RULES.worse_by)
    np.testing.assert_array_equal(worse, worsens(panel, 6, 2))
    assert np.nanmean(worse) < np.nanmean(worsens(panel, 6, 1))
    assert np.isnan(worse[:, -6:]).all()
    known = worse[:, : when.shape[1]] == 1
    assert (when[known] <= 6).all()
    assert (when[known] >= 1).all()


def test_coming_back_is_asked_of_those_who_had_something_cleared() -> None:
    panel = joined(county())
    label = comes_back(panel)
    cleared = panel.context["cases.cleared_lately"]
    assert np.isnan(label[cleared == 0]).all()
    assert 0.02 < np.nanmean(label) < 0.6
    at, later = 8, 14
    known = ~np.isnan(label[:, at])
    np.testing.assert_array_equal(label[known, at], panel.context["cases.came_back"][known, later] > 0)


def test_a_model_of_one_county_scores_another() -> None:
    one, other = county()
    worse = gets_worse(one, RULES)
    model = fit(one, RULES.horizon_months, worse)
    said = score(model, other, gets_worse(other, RULES))
    assert said.probability.index.equals(other.units)
    assert said.probability.between(0, 1).all()


def test_reasons_are_facts_that_the_panel_shows() -> None:
    panel, _ = county()
    worse = gets_worse(panel, RULES)
    model = fit(panel, RULES.horizon_months, worse)
    known = known_label(panel, worse, model.horizon)
    found = model.features_now(panel, known)
    asked = np.argsort(-model.probabilities(panel, found))[:30].tolist()
    reasons = reasons_of(model, panel, found, known, CATALOGUE, asked)
    assert len(reasons) == len(asked)
    assert reasons_of(model, panel, found, known, CATALOGUE, []) == {}  # where nobody is listed
    for at in asked:
        of = reasons[str(panel.units[at])]
        assert 1 <= len(of) <= 3
        indicators = [one.indicator for one in of if one.indicator is not None]
        assert len(indicators) == len(set(indicators))
        for one in of:
            assert one.zh and one.en and one.zh != one.en
            if one.code == "lit" and one.indicator is not None:
                column = CATALOGUE.index[one.indicator]
                lit = panel.standing[at, -4:, column] >= YELLOW
                others = int((panel.standing[at, -1] >= YELLOW).sum()) - int(lit[-1])
                assert f"in {lit.sum()} of the last 4 months" in one.en
                assert (f"; {others} more lit now" in one.en) is (others > 0)


def told(panel: VillagePanel, sign: str, spread: float = 1.0) -> list[str]:
    """The reasons of the first village where only one kind of sign raises its chance."""
    model: Any = SimpleNamespace(
        effects=lambda rows, groups: {sign: np.ones(1)},
        champion="blend",
        reference=SimpleNamespace(spread=np.full(len(panel.indicators), spread, np.float32)),
    )
    units = len(panel.units)
    found = FeatureRows((), np.zeros((units, 0), np.float32), np.arange(units), np.zeros(units, np.intp))
    reasons = reasons_of(model, panel, found, np.full(panel.value.shape[:2], np.nan), CATALOGUE, [0])[VILLAGE]
    return [one.en for one in reasons]


FALLING = next(
    one
    for one in CATALOGUE.indicators
    if one.kind == "number" and one.direction == "lower_worse" and one.red is not None and one.unit == "%"
)


@pytest.mark.parametrize(("drop", "is_told"), [(0.02, False), (0.5, True)])
def test_a_move_is_told_where_it_went_far_towards_the_threshold(drop: float, is_told: bool) -> None:
    assert FALLING.yellow is not None
    first = FALLING.yellow + 8
    panel = panel_of_events(
        visit(VILLAGE, -50, {FALLING.code: first}), visit(VILLAGE, 35, {FALLING.code: first - 8 * drop})
    )
    assert told(panel, "moving", 0.5)[0].startswith(FALLING.name_en) is is_told


@pytest.mark.parametrize(("above", "words"), [(0, "if any worse"), (0.2, "close to the yellow threshold")])
def test_what_stands_at_its_threshold_is_said_to_be_at_it(above: float, words: str) -> None:
    assert FALLING.yellow is not None
    panel = panel_of_events(
        visit(VILLAGE, 35, {FALLING.code: FALLING.yellow + above}), visit(NEIGHBOUR, 35, {FALLING.code: 100})
    )
    assert words in told(panel, "close")[0]


def test_lamps_that_lit_while_a_village_was_silent_are_counted() -> None:
    date_of = next(one for one in CATALOGUE.indicators if one.kind == "last_date" and one.yellow)
    assert date_of.yellow is not None
    last = date(2026, 2, 20) - timedelta(days=int(date_of.yellow))  # so that it is yellow from then on
    panel = panel_of_events(visit(VILLAGE, -50, {"1.1.2": 5, date_of.code: last.isoformat()}))
    assert np.isnan(panel.light[0, -1]).all()  # nothing was read for two months
    assert panel.standing[0, -1, CATALOGUE.index[date_of.code]] >= YELLOW
    [said] = told(panel, "lit")
    assert "in 3 of the last 3 months" in said and "; 1 more lit now" in said


def test_every_feature_but_the_season_is_of_some_kind_of_sign() -> None:
    panel = joined(county())
    worse = gets_worse(panel, RULES)
    model = fit(panel, RULES.horizon_months, worse)
    grouped = {name for names in groups_of(model.names).values() for name in names}
    assert {name.partition(".")[0].partition(":")[0] for name in set(model.names) - grouped} == {"season"}


TODAY, YESTERDAY = date(2026, 7, 15), date(2026, 7, 14)


def on_list(village: str, chance: int = 40, since: date = YESTERDAY) -> Watched:
    return Watched(village=village, since=since, chance=chance)


def names(n: int) -> list[str]:
    return [f"3717241090{at:02d}" for at in range(n)]


def test_who_is_watched_stays_while_it_ranks_near_enough() -> None:
    villages = names(10)
    probability = np.linspace(0.5, 0.14, 10)
    before = {villages[2]: on_list(villages[2]), villages[6]: on_list(villages[6])}
    listed = choose(villages, probability, frozenset(), 0.1, before, 2, 150)
    assert [villages[at] for at in listed.chosen] == [
        villages[0],
        villages[2],
    ]  # third of three stays, the seventh goes
    shown = watched(villages, probability, listed, {}, before, TODAY)
    assert [(one.village, one.since) for one in shown] == [(villages[0], TODAY), (villages[2], YESTERDAY)]
    gone = no_longer(villages, probability, listed, frozenset(), 0.1, before, [], TODAY, RULES)
    assert [(one.village, one.why, one.until) for one in gone] == [(villages[6], "better", TODAY)]


def test_why_a_village_left_the_list_is_said() -> None:
    villages = names(5)
    probability = np.array([0.6, 0.5, 0.4, 0.3, 0.09])
    before = {
        villages[2]: on_list(villages[2], 40),
        villages[3]: on_list(villages[3], 60),
        villages[4]: on_list(villages[4], 15),
        "371724109099": on_list("371724109099"),
    }

    def whys(unknown: frozenset[str] = frozenset(), *, is_relearned: bool = False) -> dict[str, str]:
        listed = choose(villages, probability, unknown, 0.1, before, 1, 100)
        gone = no_longer(
            villages, probability, listed, unknown, 0.1, before, [], TODAY, RULES, is_relearned=is_relearned
        )
        return {one.village: one.why for one in gone}

    assert whys() == {
        villages[2]: "outranked",  # as likely as ever, and the one place is another's
        villages[3]: "better",
        villages[4]: "better",  # no likelier than any other
        "371724109099": "gone",
    }
    assert whys(frozenset(villages[3:4]))[villages[3]] == "unknown"
    assert set(whys(is_relearned=True).values()) == {"relearned", "gone"}
    listed = choose(villages, probability, frozenset(), 0.1, before, 1, 100)
    old = NoLongerWatched(village=villages[0], since=date(2020, 1, 1), until=date(2020, 2, 1), chance=20, why="better")
    assert old not in no_longer(villages, probability, listed, frozenset(), 0.1, {}, [old], TODAY, RULES)


def listed_night_after_night(chances: Sequence[float], usual: float, relearned_in: int = -1) -> list[NoLongerWatched]:
    """What became of one village whose chance goes so from night to night, beside others without any."""
    villages, before, ended = names(10), dict[str, Watched](), list[NoLongerWatched]()
    for night, chance in enumerate(chances):
        day, is_relearned = TODAY + timedelta(days=night), night == relearned_in
        probability = np.array([chance] + [0.01] * 9)
        listed = choose(villages, probability, frozenset(), usual, before, 3, 150)
        now = watched(villages, probability, listed, {}, before, day, is_relearned=is_relearned)
        ended = no_longer(
            villages, probability, listed, frozenset(), usual, before, ended, day, RULES, is_relearned=is_relearned
        )
        before = {one.village: one for one in now}
    return ended


def test_a_chance_that_falls_little_by_little_has_fallen_since_the_village_was_listed() -> None:
    [gone] = listed_night_after_night([0.30, 0.25, 0.20, 0.15, 0.10, 0.05], 0.08)
    assert (gone.why, gone.chance) == ("better", 5)
    [gone] = listed_night_after_night([0.10, 0.05], 0.08)  # by less than is called much, and yet below the others
    assert gone.why == "better"


def test_places_are_full_where_it_is_so_and_chances_are_compared_since_the_listing() -> None:
    villages = names(3)
    since_listed = Watched(village=villages[2], since=YESTERDAY, chance=20, listed_chance=30)
    for was, why in ((since_listed, "better"), (msgspec.structs.replace(since_listed, listed_chance=20), "outranked")):
        probability = np.array([0.5, 0.4, 0.2])
        listed = choose(villages, probability, frozenset(), 0.1, {villages[2]: was}, 2, 100)
        assert len(listed.chosen) == 2
        [gone] = no_longer(villages, probability, listed, frozenset(), 0.1, {villages[2]: was}, [], TODAY, RULES)
        assert gone.why == why


def test_what_another_model_says_is_no_fall_and_is_compared_from_then_on() -> None:
    [gone] = listed_night_after_night([0.30, 0.05], 0.08, relearned_in=1)
    assert gone.why == "relearned"
    villages, was = names(1), Watched(village=names(1)[0], since=YESTERDAY, chance=40, listed_chance=45)
    listed = choose(villages, np.array([0.2]), frozenset(), 0.1, {was.village: was}, 1, 100)
    [stays] = watched(villages, np.array([0.2]), listed, {}, {was.village: was}, TODAY)
    assert (stays.chance, stays.listed_chance) == (20, 45)
    [stays] = watched(villages, np.array([0.2]), listed, {}, {was.village: was}, TODAY, is_relearned=True)
    assert (stays.chance, stays.listed_chance, stays.since) == (20, 20, YESTERDAY)


def test_nobody_is_listed_where_nobody_can_be_visited() -> None:
    assert choose(names(3), np.array([0.5, 0.4, 0.3]), frozenset(), 0.1, {}, 0, 150).chosen == []


@given(
    probability=st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=25),
    before=st.sets(st.integers(0, 24)),
    capacity=st.integers(1, 8),
    stay=st.integers(100, 300),
    unknown=st.sets(st.integers(0, 24)),
)
def test_a_list_is_no_longer_than_can_be_visited_and_choosing_again_changes_nothing(
    probability: list[float], before: set[int], capacity: int, stay: int, unknown: set[int]
) -> None:
    villages = names(len(probability))
    chances = np.array(probability)
    thin = frozenset(villages[at] for at in unknown if at < len(villages))
    was = {villages[at]: on_list(villages[at]) for at in before if at < len(villages)}
    listed = choose(villages, chances, thin, 0.1, was, capacity, stay)
    assert len(listed.chosen) <= capacity
    assert not thin & {villages[at] for at in listed.chosen}
    assert all(chances[at] > 0.1 for at in listed.chosen)
    able = [at for at in range(len(villages)) if villages[at] not in thin and chances[at] > 0.1]
    assert len(listed.chosen) == min(capacity, len(able))
    now = {villages[at]: on_list(villages[at]) for at in listed.chosen}
    assert choose(villages, chances, thin, 0.1, now, capacity, stay).chosen == listed.chosen


def test_ties_at_the_end_of_a_list_are_counted() -> None:
    listed = choose(names(5), np.array([0.5, 0.3, 0.3, 0.3, 0.2]), frozenset(), 0.1, {}, 2, 100)
    assert (listed.chosen, listed.ties) == ([0, 1], 2)


def test_where_nobody_can_be_visited_nobody_is_listed() -> None:
    listed = choose(names(3), np.array([0.5, 0.3, 0.3]), frozenset(), 0.1, {}, 0, 150)
    assert (listed.chosen, listed.ties) == ([], 0)


def test_chances_are_said_in_fives() -> None:
    assert [percent(p) for p in (0.0, 0.024, 0.026, 0.33, 0.999)] == [0, 0, 5, 35, 100]


def test_what_became_of_a_list_is_counted_beside_all_others() -> None:
    panel = joined(county())
    worse = gets_worse(panel, RULES)
    at, villages = 10, [str(one) for one in panel.units]
    document = Risk(
        id="371771003:risk",
        policy="p",
        model="m",
        watched=[on_list(villages[0], since=date(2025, 1, 1)), on_list(villages[1], since=date(2026, 1, 1))],
        ended=[
            NoLongerWatched(
                village=villages[2], since=date(2025, 1, 1), until=date(2025, 6, 1), chance=30, why="better"
            ),
            NoLongerWatched(
                village=villages[3], since=date(2025, 1, 1), until=date(2025, 5, 1), chance=30, why="better"
            ),
        ],
    )
    then = watched_on([document], date(2025, 5, 15))
    assert then == {villages[0], villages[2]}
    made = outcome(panel, worse, at, then, date(2025, 5, 15))
    assert made.watched + made.unknown == 2
    assert made.watched + made.others == int((~np.isnan(worse[:, at])).sum())
    assert made.worse + made.others_worse == int(np.nansum(worse[:, at]))
    both = together([made, made, msgspec.structs.replace(made, on=date(2025, 4, 15))])
    assert both is not None
    assert (both.watched, both.on) == (2 * made.watched, made.on)
    townships = {one[:9] for one in villages}
    parts = together([outcome(panel, worse, at, then, date(2025, 5, 15), township) for township in townships])
    assert parts is not None
    assert (parts.worse, parts.others, parts.others_worse) == (made.worse, made.others, made.others_worse)


@pytest.mark.parametrize(
    ("own", "villages", "capacity"), [({}, 500, 20), ({}, 3, 1), ({"371724": 7}, 500, 7), ({"371724": 7}, 4, 4)]
)
def test_a_county_visits_as_many_as_the_policy_says(own: dict[str, int], villages: int, capacity: int) -> None:
    policy = msgspec.structs.replace(RULES, capacity=own)
    assert policy.capacity_of("371724", villages) == capacity
