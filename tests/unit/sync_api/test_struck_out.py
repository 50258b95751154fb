"""What the quarantine keeps is free of personal numbers, and else just what was written."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.personal_numbers import has_personal_number
from sync_api.quarantine.records import struck_out

PHONE, CARD = "13800138000", "372901198001011234"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#: A hash with an identity card's and a telephone's digits in it.
HASH = hashlib.sha256(b"4273").hexdigest()[:30] + CARD + "a" + PHONE + "b" * 4


def report(**fields: Any) -> dict[str, Any]:
    whole = {"_id": f"371724109217:report:i1:{ULID}", "type": "report", "indicator": "4.2.1", "text": "路灯不亮"}
    return whole | fields


def kept(document: object) -> Any:
    return json.loads(struck_out(json.dumps(document, ensure_ascii=False).encode()))


def test_a_hash_and_a_revision_keep_their_digits_and_the_text_loses_its_number() -> None:
    document = report(
        photos=[HASH], _rev="1-" + HASH[-32:], text=f"联系 {PHONE}", _revisions={"start": 1, "ids": [HASH[:32]]}
    )
    assert len(HASH) == 64
    assert kept(document) == document | {"text": "联系 ＊＊＊"}


@pytest.mark.parametrize(
    "document",
    [
        report(photos=[PHONE]),
        report(about=CARD),
        report(place=PHONE, readings={PHONE: 1}),
        report(amount=int(PHONE)),
        report(nested=[{"deep": [CARD]}]),
        report(village=f"{PHONE}0"[:11]),
        [PHONE],
        PHONE,
    ],
)
def test_a_number_is_struck_out_wherever_it_stands(document: object) -> None:
    text = struck_out(json.dumps(document).encode())
    assert not has_personal_number(text)
    assert PHONE not in text and CARD not in text


def test_of_a_key_that_stands_twice_no_value_slips_through() -> None:
    assert PHONE not in struck_out(f'{{"text":"{PHONE}","text":"好"}}'.encode())
    assert PHONE not in struck_out(f'{{"text":"{PHONE}"'.encode())
    assert PHONE not in struck_out(PHONE.encode() + b"\xff{")


@given(
    st.dictionaries(
        st.sampled_from(["text", "place", "photos", "about", "readings", "found"]),
        st.recursive(
            st.text(max_size=20) | st.integers(-10, 10**9) | st.booleans() | st.none(), st.lists, max_leaves=5
        ),
    )
)
def test_what_holds_no_such_number_is_kept_byte_for_byte(fields: dict[str, Any]) -> None:
    raw = json.dumps(report(**fields), ensure_ascii=False)
    if not has_personal_number(raw):
        assert struck_out(raw.encode()) == raw
