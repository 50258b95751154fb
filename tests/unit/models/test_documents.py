"""Documents decode by their tag, refuse what they do not know, and agree with the kinds of ids."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from models.documents import EVENT_KINDS, Report, decode_document, decode_event, encode
from models.ids import DERIVED_KINDS, OWNER_OF_KIND

NOW = "2026-03-01T08:00:00Z"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TIMES = {"observed_at": NOW, "saved_at": NOW}
#: One sound example of each kind of event.
EXAMPLES: dict[str, dict[str, Any]] = {
    "report": {"indicator": "4.2.1", "severity": "general", "text": "公开栏没有更新"},
    "round": {"readings": {"1.1.1": None, "1.1.4": 85.5, "2.2.1": True, "4.2.1": "2026-02-01"}},
    "answer": {"author": "z109", "about": f"371724109217:report:i1:{ULID}", "text": "已转民政"},
    "case": {"step": "noticed", "author": "z109"},
    "inspection": {"is_planned": True},
    "patrol": {"step": "planned", "villages": ["371724109217"], "since": "2026-03-01", "until": "2026-03-31"},
    "agenda": {
        "topic": "joint_conference",
        "held_on": "2026-03-05",
        "items": [{"section": "red", "text": "校舍账目", "village": "371724109217"}],
    },
    "meeting": {
        "topic": "joint_conference",
        "resolutions": [{"matter": "校舍账目", "decision": "公开", "lead": "民政", "due": "2026-03-31"}],
    },
    "carrying": {"about": "371724:meeting:g24:x", "line": 0, "step": "done", "office": "民政", "text": "已公开"},
    "team": {"step": "sent", "office": "371724", "text": "进驻"},
    "pledge": {"signer": "a217", "until": "2026-12-31"},
    "training": {"topic": "林木种植", "attended": 40},
    "service": {"topic": "修路", "amount": 2.5, "unit": "公里"},
    "appointment": {"alias": "i0421"},
    "omission": {"author": "z109", "finding": "late", "step": "found", "about": "x"},
    "settlements": {"natural_villages": [{"name": "前佃户屯", "households": 120, "people": 480}]},
    "sanction": {"author": "g24", "omissions": ["x"], "disciplines": ["admonished"], "text": "经研究"},
    "decision": {"about": "371724109217:evaluation:2026H1", "score": 71.5, "grade": "fair", "text": "同意"},
    "verdict": {"village": "371724109217", "is_right": False, "text": "走访过", "since": "2026-03-01"},
    "acknowledgement": {"notice": "371724109:notice:2026-0007"},
    "withdrawal": {"notice": "371724109:notice:2026-0007", "text": "发错了村"},
}


def example(kind: str, **changes: Any) -> bytes:
    owner = {"author": "i1", "addressee": "i1", "case": ULID}[OWNER_OF_KIND[kind]]
    fields = {"_id": f"371724109217:{kind}:{owner}:{ULID}", "type": kind, **TIMES, **EXAMPLES[kind], **changes}
    return msgspec.json.encode(fields)


@pytest.mark.parametrize("kind", sorted(EVENT_KINDS))
def test_every_kind_of_event_decodes_and_encodes_to_an_equal_document(kind: str) -> None:
    event = decode_event(example(kind))
    assert decode_document(encode(event)) == event


def test_ids_and_documents_know_the_same_kinds() -> None:
    assert set(OWNER_OF_KIND) == set(EVENT_KINDS) | {"receipt"}
    assert set(EXAMPLES) == set(EVENT_KINDS)
    assert not set(DERIVED_KINDS) & set(EVENT_KINDS)


@pytest.mark.parametrize("kind", sorted(EVENT_KINDS))
def test_a_field_that_is_not_known_is_refused_so_none_can_hold_a_name(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="villager"):
        decode_event(example(kind, villager="somebody"))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("report", {"text": ""}),
        ("report", {"text": "字" * 4001}),
        ("report", {"severity": "terrible"}),
        ("report", {"indicator": "4.2"}),
        ("report", {"observed_at": "2026-03-01T08:00:00"}),  # no zone
        ("report", {"_deleted": True}),
        ("report", {"_attachments": {}}),
        ("round", {"readings": {"1.1.1": [1]}}),
        ("service", {"amount": -1}),
        ("training", {"attended": 1.5}),
        ("case", {"step": "closed"}),
        ("case", {"author": "Somebody Real"}),
    ],
)
def test_a_field_outside_its_bounds_is_refused(kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_event(example(kind, **changes))


def test_derived_documents_are_no_events() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_event(b'{"_id":"371724109217:lights","type":"lights","lights":"g","catalogue":"1","policy":"1"}')


def test_couchdbs_own_fields_pass() -> None:
    body = example("report", _rev="1-abc", _revisions={"start": 1, "ids": ["abc"]})
    report = decode_event(body)
    assert isinstance(report, Report)
    assert report.rev == "1-abc"
    assert report.observed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
