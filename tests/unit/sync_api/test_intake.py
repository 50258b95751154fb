"""What one document may hold at most, and of which time it may be."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from ulid import ULID

from models.catalogue import default_catalogue
from models.documents import AnyEvent, CaseEvent, Decision, Omission, Patrol, Report, Sanction, encode
from models.patrols import commitment_of
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from sync_api.access.accounts import Account, Role, Session
from sync_api.replication.intake import Accepted, check, check_signed
from tests.papers import ISSUED_AT, heze


def test_a_lot_is_drawn_from_all_villages_of_the_city() -> None:
    register = heze()
    announced = Patrol(
        id=f"3717:patrol:s17:{ULID.from_datetime(ISSUED_AT)}",
        observed_at=ISSUED_AT,
        saved_at=ISSUED_AT,
        step="announced",
        villages=list(register.villages),
        since=date(2026, 11, 24),
        until=date(2026, 12, 24),
        count=50,
        commitment=commitment_of("底数"),
        text="全市随机抽查",
    )
    setup = Setup(register, Rulebook(default_catalogue(), default_policy(), 0, is_simulated=False))
    session = Session(Account(alias="s17", role="city", divisions=("3717",)), "device")
    judged = check(encode(announced), session, setup, "d110-3717", ISSUED_AT)
    assert isinstance(judged, Accepted), judged


SETUP = Setup(heze(), Rulebook(default_catalogue(), default_policy(), 0, is_simulated=False))
VILLAGE, CASE = "371724109217", "01ARZ3NDEKTSV4RRFFQ69G5FAV"
LONG_AGO = ISSUED_AT - timedelta(days=17)


def judged(event: AnyEvent, role: Role, *divisions: str) -> str:
    """The code of the refusal; empty where it is taken."""
    session = Session(Account(alias="c1", role=role, divisions=divisions, department="民政"), "device")
    found = check(encode(event), session, SETUP, "d110-371724", ISSUED_AT)
    found = check_signed(found, session.account, SETUP, ISSUED_AT)
    return "" if isinstance(found, Accepted) else found.code


def dated(
    kind: type[AnyEvent], owner: str, saved: datetime, observed: datetime | None = None, **fields: Any
) -> AnyEvent:
    identity = f"{VILLAGE}:{kind.__struct_config__.tag}:{owner}:{ULID.from_datetime(saved)}"
    whole = {"_id": identity, "type": kind.__struct_config__.tag, "observed_at": observed or saved, "saved_at": saved}
    return msgspec.convert(whole | fields, kind)


STEP = {"step": "progress", "author": "c1", "text": "已办"}
SAID = {"author": "c1", "finding": "missed", "text": "已核实"}
CONFIRMED = SAID | {"step": "confirmed", "about": f"{VILLAGE}:report:z109:{CASE}"}
COUNTY_WORDS: list[tuple[type[AnyEvent], str, dict[str, Any]]] = [
    (CaseEvent, CASE, STEP),
    (Omission, "i1", CONFIRMED),
    (
        Sanction,
        "i1",
        {"author": "c1", "omissions": [f"{VILLAGE}:omission:i1:{CASE}"], "disciplines": [], "text": "研究"},
    ),
    (Decision, "c1", {"about": f"{VILLAGE}:evaluation:2026H1", "score": 80, "text": "研究"}),
]


@pytest.mark.parametrize(("kind", "owner", "fields"), COUNTY_WORDS)
def test_what_an_office_signs_is_as_of_now(kind: type[AnyEvent], owner: str, fields: dict[str, Any]) -> None:
    a_moment_ago = ISSUED_AT - timedelta(minutes=59)
    assert judged(dated(kind, owner, a_moment_ago, **fields), "county", "371724") == ""
    for saved, observed in ((LONG_AGO, LONG_AGO), (ISSUED_AT, LONG_AGO)):
        assert judged(dated(kind, owner, saved, observed, **fields), "county", "371724") == "not_as_of_now"


def test_a_correction_of_a_decision_repeats_its_instant_and_is_as_of_now() -> None:
    kind, owner, fields = COUNTY_WORDS[2]
    fields = fields | {"amends": f"{VILLAGE}:sanction:i1:{CASE}"}
    assert judged(dated(kind, owner, ISSUED_AT, LONG_AGO, **fields), "county", "371724") == ""
    assert judged(dated(kind, owner, LONG_AGO, **fields), "county", "371724") == "not_as_of_now"


def test_what_was_written_on_a_tablet_may_arrive_weeks_later() -> None:
    assert judged(dated(CaseEvent, CASE, LONG_AGO, **STEP), "administrator", VILLAGE) == ""
    appeal = SAID | {"step": "appealed", "about": f"{VILLAGE}:omission:c1:{CASE}"}
    assert judged(dated(Omission, "c1", LONG_AGO, **appeal), "informant", VILLAGE) == ""
    assert (
        judged(
            dated(Omission, "i1", LONG_AGO, **(appeal | {"about": f"{VILLAGE}:omission:i1:{CASE}"})),
            "station",
            "371724109",
        )
        == "not_as_of_now"
    )


def test_a_matter_that_came_in_some_days_ago_is_entered_as_of_then() -> None:
    opened = {"step": "opened", "author": "c1", "indicator": "4.2.1", "severity": "general"}
    assert judged(dated(CaseEvent, CASE, ISSUED_AT, LONG_AGO, **opened), "station", "371724109") == ""
    assert judged(dated(CaseEvent, CASE, LONG_AGO, **opened), "station", "371724109") == "not_as_of_now"


@pytest.mark.parametrize(
    ("role", "division", "channel", "code"),
    [
        ("informant", VILLAGE, "tablet", ""),
        ("informant", VILLAGE, "hotline", "bad_channel"),
        ("administrator", VILLAGE, "tablet", ""),
        ("administrator", VILLAGE, "letter_box", ""),
        ("station", "371724109", "tablet", "bad_channel"),
        ("station", "371724109", "patrol", ""),
        ("county", "371724", "tablet", "bad_channel"),
        ("city", "3717", "tablet", "bad_channel"),
        ("city", "3717", "hotline", ""),
    ],
)
def test_only_who_has_a_tablet_reports_by_tablet(role: Role, division: str, channel: str, code: str) -> None:
    words = {"indicator": "4.2.1", "severity": "general", "text": "村务未公开", "channel": channel}
    assert judged(dated(Report, "c1", ISSUED_AT, **words), role, division) == code
