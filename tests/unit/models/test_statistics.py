"""What counts as what in a division's figures, on histories small enough to count by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases import fold_cases
from models.catalogue import default_catalogue
from models.documents import decode_document
from models.policy import default_policy
from models.statistics import (
    FIGURES,
    Count,
    Folded,
    Grades,
    Happening,
    Stood,
    figure_words,
    happening,
    statistics,
    things_behind,
)
from tests.event_documents import MARCH_FIRST_MS, NEIGHBOUR, OTHER_COUNTY, VILLAGE, instant, report, step, ulid

MARCH_FIRST = (MARCH_FIRST_MS + 8 * 3_600_000) // 86_400_000
POLICY = default_policy()
CITY, COUNTY, TOWNSHIP = "3717", "371724", "371724109"


def happenings(*documents: dict[str, Any]) -> list[Happening]:
    found = [happening(decode_document(msgspec.json.encode(document))) for document in documents]
    return [h for h in found if h is not None]


def counts(
    *documents: dict[str, Any],
    days: tuple[int, int] = (0, 30),
    division: str = CITY,
    grades: tuple[Grades, Grades] | None = None,
) -> dict[str, Count]:
    heard, span = happenings(*documents), (MARCH_FIRST + days[0], MARCH_FIRST + days[1])
    found = statistics(heard, division, *span, POLICY, grades)
    # cases that are folded already make no difference
    facts = {h.id: h.fact for h in heard if h.fact is not None}
    per_case = Counter((fact.village, fact.case) for fact in set(facts.values()))
    folded = {
        key: Folded(case, per_case[key])
        for case in fold_cases(facts.values(), POLICY)
        for key in [(case.village, case.case)]
    }
    assert statistics(heard, division, *span, POLICY, grades, folded) == found
    return found


def numbers(*documents: dict[str, Any], **where: Any) -> dict[str, float | None]:
    """Figures that are not 0, without those that say nothing."""
    return {name: count.number for name, count in counts(*documents, **where).items() if count.number}


def deed(kind: str, division: str, day: int, number: int = 0, **fields: Any) -> dict[str, Any]:
    times = {"observed_at": instant(day), "saved_at": instant(day)}
    return {"_id": f"{division}:{kind}:office:{ulid(day, number)}", "type": kind, **times, **fields}


def cleared(case: dict[str, Any], day: int) -> list[dict[str, Any]]:
    acted = step(case, day, "submitted", done="d", author="administrator")
    review = step(case, day, "reviewed", text="t", is_better=True)
    acted["_id"], review["_id"] = acted["_id"][:-1] + "5", review["_id"][:-1] + "6"
    return [acted, review, step(case, day, "cleared", found="f", done="d", verified_by="office")]


def test_general_matter_is_a_yellow_warning_and_a_major_one_a_red_and_both_are_disputes() -> None:
    found = numbers(report(VILLAGE, 1), report(NEIGHBOUR, 2, "3.1.1", "major"))
    assert (found["warnings.yellow"], found["warnings.red"], found["disputes.found"]) == (1, 1, 2)
    assert (found["disputes.found:4.2"], found["disputes.found:4.2.1"], found["disputes.found:3.1"]) == (1, 1, 1)
    assert found["disputes.found:tablet"] == 2
    assert "disputes.solved" not in found


def test_every_figure_is_there_when_nothing_happened() -> None:
    found = counts()
    assert list(found) == list(FIGURES)
    assert {name for name, count in found.items() if count.number is None} == {"teams.put_right"}
    assert all(count.number == 0 for name, count in found.items() if name != "teams.put_right")


def test_case_that_is_escalated_stays_the_warning_that_was_issued() -> None:
    opened = report(VILLAGE, 1)
    found = numbers(opened, step(opened, 3, "escalated", severity="major"))
    assert (found["warnings.yellow"], found.get("warnings.red")) == (1, None)


def test_small_matter_is_no_warning_before_it_is_overdue_or_escalated() -> None:
    small = report(VILLAGE, 1, severity="minor")  # due after 30 days, on day 31; yellow from day 32
    assert numbers(small, days=(0, 31)) == {}
    assert numbers(small, days=(0, 32))["warnings.yellow"] == 1
    assert numbers(small, days=(33, 60)) == {}
    raised = step(small, 5, "escalated", severity="major")
    assert numbers(small, raised, days=(2, 30))["warnings.red"] == 1
    assert "warnings.red" not in numbers(small, raised, days=(0, 4))


def test_dispute_is_solved_when_it_is_cleared_by_the_last_day_and_not_reopened() -> None:
    opened = report(VILLAGE, 1)
    documents = [opened, *cleared(opened, 9)]
    assert numbers(*documents, days=(0, 9))["disputes.solved"] == 1
    assert "disputes.solved" not in numbers(*documents, days=(0, 8))
    documents.append(step(opened, 20, "reopened", text="又发生"))
    assert "disputes.solved" not in numbers(*documents, days=(0, 20))
    assert numbers(*documents, days=(0, 19))["disputes.solved"] == 1


def test_clearing_that_was_not_legal_solves_nothing() -> None:
    opened = report(VILLAGE, 1)
    assert "disputes.solved" not in numbers(opened, cleared(opened, 9)[1])  # never reviewed


def test_dispute_counts_in_the_period_in_which_it_was_found_only() -> None:
    opened = report(VILLAGE, 10)
    documents = [opened, *cleared(opened, 20)]
    assert numbers(*documents, days=(10, 10))["disputes.found"] == 1
    assert numbers(*documents, days=(11, 30)) == {}
    assert numbers(*documents, days=(0, 9)) == {}


def test_days_are_those_of_heze() -> None:
    late = report(VILLAGE, 1) | {"observed_at": "2026-03-01T23:59:59+08:00"}  # 15:59 UTC
    next_day = report(NEIGHBOUR, 1) | {"observed_at": "2026-03-01T16:00:00Z"}  # midnight in Heze
    assert numbers(late, next_day, days=(0, 0))["disputes.found"] == 1


def test_corrected_report_counts_once_as_it_was_first_told_and_by_its_last_channel() -> None:
    opened = report(VILLAGE, 1) | {"channel": "hotline"}
    amended = report(VILLAGE, 1, severity="major", number=5) | {"channel": "visit", "amends": opened["_id"]}
    found = counts(amended, opened)
    assert found["warnings.red"].number == 0
    assert found["warnings.yellow"] == found["disputes.found"] == Count(1, (opened["_id"], amended["_id"]))
    assert found["disputes.found:visit"].number == 1 and "disputes.found:hotline" not in found


def test_case_that_an_office_opened_says_so_instead_of_a_channel() -> None:
    opened = step(report(VILLAGE, 1), 1, "opened", indicator="3.1.1", severity="major")
    assert numbers(opened)["disputes.found:office"] == 1


def test_villages_that_teams_were_sent_to_count_once_each_with_all_the_events() -> None:
    first, second = report(VILLAGE, 1), report(VILLAGE, 1, "3.1.1", number=1)
    other = report(NEIGHBOUR, -0 + 2)
    sent = [step(case, day, "team_sent", text="t") for case, day in ((first, 3), (second, 4), (other, 5))]
    found = counts(first, second, other, *sent)["villages.treated"]
    assert found == Count(2, tuple(sorted(event["_id"] for event in sent)))


def test_team_sent_in_the_period_counts_though_the_case_is_older_and_one_to_a_closed_case_does_not() -> None:
    opened, closed = report(VILLAGE, 1), report(NEIGHBOUR, 1)
    documents = [opened, step(opened, 12, "team_sent"), closed, *cleared(closed, 5), step(closed, 12, "team_sent")]
    assert numbers(*documents, days=(10, 20)) == {"villages.treated": 1}


def test_services_add_up_by_topic_and_unit() -> None:
    found = numbers(
        deed("service", VILLAGE, 1, topic="修路", amount=1.5, unit="公里"),
        deed("service", TOWNSHIP, 2, topic="修路 ", amount=2, unit=" 公里"),  # a blank makes no other thing of it
        deed("service", COUNTY, 3, topic="修路", amount=1, unit="条"),
    )
    assert found == {"services.done": 3, "services.done:修路:公里": 3.5, "services.done:修路:条": 1}


def test_corrected_service_stands_in_the_place_of_the_first() -> None:
    first = deed("service", VILLAGE, 1, topic="桥", amount=20, unit="座")
    amended = deed("service", VILLAGE, 1, 4, topic="桥", amount=2, unit="座", amends=first["_id"])
    for documents in ([first, amended], [amended, first]):
        assert counts(*documents)["services.done:桥:座"] == Count(2, (amended["_id"],))


def test_trainings_inspections_and_meetings_are_counted_by_what_they_were() -> None:
    assert numbers(
        deed("training", VILLAGE, 1, topic="养殖", attended=40),
        deed("training", TOWNSHIP, 2, topic="养殖", attended=2),
        deed("inspection", VILLAGE, 3, is_planned=True),
        deed("inspection", NEIGHBOUR, 3, is_planned=False),
        deed("meeting", COUNTY, 4, topic="joint_conference"),
    ) == {
        "trainings.held": 2,
        "trainings.attended": 42,
        "inspections.planned": 1,
        "inspections.random": 1,
        "meetings.held": 1,
        "meetings.held:joint_conference": 1,
    }


def test_commendations_and_criticisms_are_those_of_the_last_decision_about_one_thing() -> None:
    about = {"about": f"{COUNTY}:summary:2026H1", "score": 80, "text": "同意"}
    first = deed("decision", COUNTY, 1, measures=["criticism"], **about)
    newer = about | {"about": f"{COUNTY}:summary:2026H1-2"}
    second = deed("decision", COUNTY, 2, measures=["commendation", "admonition"], **newer)
    other = deed("decision", VILLAGE, 2, 3, measures=["criticism"], **about | {"about": f"{VILLAGE}:evaluation:2026H1"})
    assert numbers(first, second, other) == {"decisions.commendation": 1, "decisions.criticism": 1}
    assert numbers(first, second, days=(0, 1)) == {"decisions.criticism": 1}


def test_division_has_its_own_events_and_those_below_it_only() -> None:
    documents = [report(VILLAGE, 1), report(OTHER_COUNTY, 1), deed("meeting", COUNTY, 1, topic="other")]
    assert numbers(*documents, division=COUNTY)["disputes.found"] == 1
    assert "meetings.held" not in numbers(*documents, division=TOWNSHIP)
    assert numbers(*documents, division=OTHER_COUNTY)["disputes.found"] == 1


@pytest.mark.parametrize(
    ("before", "now", "put_right"),
    [("weak", "fair", 1), ("paralysed", "strong", 1), ("weak", "weak", 0), ("fair", "strong", 0), (None, "fair", 0)],
)
def test_weak_team_is_put_right_when_it_is_fair_or_better_now(before: Any, now: Any, put_right: int) -> None:
    known = {VILLAGE: Stood("before", before)} if before else {}
    found = counts(grades=({VILLAGE: Stood("now", now)}, known))["teams.put_right"]
    assert found == Count(put_right, ("before", "now") if put_right else ())


def test_no_evaluation_is_said_and_is_not_nought() -> None:
    assert counts()["teams.put_right"].number is None
    assert counts(grades=({}, {}))["teams.put_right"].number == 0


villages = st.sampled_from([VILLAGE, NEIGHBOUR, OTHER_COUNTY])


@st.composite
def history(draw: st.DrawFn) -> list[dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(0, 5))):
        severity = draw(st.sampled_from(["minor", "general", "major"]))
        opened = report(draw(villages), draw(st.integers(0, 40)), severity=severity, number=number)
        names = draw(st.lists(st.sampled_from(["team_sent", "escalated", "cleared", "reopened"]), max_size=4))
        authors = st.sampled_from(["office", "centre"])
        steps = [step(opened, draw(st.integers(0, 45)), n, author=draw(authors), verified_by="office") for n in names]
        documents |= {document["_id"]: document for document in [opened, *steps]}
    return list(documents.values())


@given(history(), st.randoms(use_true_random=False), st.integers(0, 45))
def test_periods_and_divisions_add_up_and_no_order_matters(
    documents: list[dict[str, Any]], random: Any, cut: int
) -> None:
    whole = numbers(*documents, days=(0, 45))
    again = documents * 2
    random.shuffle(again)
    assert numbers(*again, days=(0, 45)) == whole
    parts = [numbers(*documents, days=days) for days in ((0, cut), (cut + 1, 45))]
    places = [numbers(*documents, days=(0, 45), division=code) for code in (COUNTY, OTHER_COUNTY[:6])]
    for name in ("warnings.yellow", "warnings.red", "disputes.found"):
        assert sum(part.get(name) or 0 for part in parts) == whole.get(name, 0)
        assert sum(place.get(name) or 0 for place in places) == whole.get(name, 0)
    yellow, red = whole.get("warnings.yellow") or 0, whole.get("warnings.red") or 0
    assert yellow + red == whole.get("disputes.found", 0)


def test_what_a_figure_counts_is_one_thing_for_each_and_adds_up_to_it() -> None:
    first = report(VILLAGE, 1)
    again = {**first, "_id": first["_id"][:-1] + "9", "amends": first["_id"]}
    stood = {p: f"{VILLAGE}:evaluation:{p}" for p in ("2025H2", "2026H1")}
    grades: tuple[Grades, Grades] = (
        {VILLAGE: Stood(stood["2026H1"], "strong")},
        {VILLAGE: Stood(stood["2025H2"], "weak")},
    )
    documents = [
        *(first, again, *cleared(first, 5), report(NEIGHBOUR, 2, "3.1.1", "major")),
        deed("service", TOWNSHIP, 3, topic="修路", amount=1.5, unit="公里"),
        deed("service", VILLAGE, 4, topic="修路", amount=2, unit="公里"),
        deed("training", TOWNSHIP, 3, topic="t", attended=12),
    ]
    made_from = happenings(*documents)
    found = counts(*documents, grades=grades)
    for name, count in found.items():
        things = things_behind(name, count, made_from)
        assert sum(thing.amount for thing in things) == count.number, name
        assert sorted(one for thing in things for one in thing.ids) == list(count.ids)
    [case] = things_behind("disputes.solved", found["disputes.solved"], made_from)
    assert (case.division, len(case.ids), case.day) == (VILLAGE, 3, MARCH_FIRST + 5)
    assert case.case == first["_id"][-26:]
    roads = things_behind("services.done:修路:公里", found["services.done:修路:公里"], made_from)
    assert [(one.division, one.amount, one.unit) for one in roads] == [(VILLAGE, 2, "公里"), (TOWNSHIP, 1.5, "公里")]
    [attended] = things_behind("trainings.attended", found["trainings.attended"], made_from)
    assert attended.amount == 12


def test_a_village_that_two_teams_were_sent_to_is_one_thing() -> None:
    teams = [deed("team", VILLAGE, day, step="sent", office=TOWNSHIP, text="t") for day in (1, 4)]
    found = counts(*teams)["villages.treated"]
    [village] = things_behind("villages.treated", found, happenings(*teams))
    assert (found.number, village.amount, len(village.ids)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("figure", "zh", "en"),
    [
        ("meetings.held:joint_conference", "会议 · 联席会议", "meetings held · joint conference"),
        ("meetings.held:township_special", "会议 · 专题会议", "meetings held · township special"),
        ("disputes.found:letter_box", "发现矛盾问题 · 村情收集箱", "disputes found · letter box"),
        ("disputes.found:office", "发现矛盾问题 · 单位立项", "disputes found · opened by an office"),
        ("disputes.solved:3.2", "其中已解决 · 3.2 调解工作", "of these solved · 3.2 Mediation"),
        ("services.done:修路:公里", "为民服务 · 修路（公里）", "services done for people · Roads (km)"),
        ("services.done:修路:条", "为民服务 · 修路（条）", "services done for people · Roads (条)"),
        ("services.done:义诊:场", "为民服务 · 义诊（场）", "services done for people · 义诊 (场)"),
    ],
)
def test_a_part_of_a_figure_is_called_by_its_words(figure: str, zh: str, en: str) -> None:
    assert figure_words(figure, default_catalogue()) == (zh, en)
