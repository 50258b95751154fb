"""Ids parse back, and a scope holds exactly what its prefixes say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ids import (
    ALIAS_PATTERN,
    DERIVED_KINDS,
    DEVICE_PATTERN,
    OF_INFORMANTS,
    OWNER_OF_KIND,
    RECEIPT_OWNER_PATTERN,
    ULID_PATTERN,
    IdError,
    Scope,
    administrator_scope,
    database_of,
    department_scope,
    division_prefix,
    event_id,
    informant_scope,
    office_scope,
    parse_id,
    ulid_lowest,
    ulid_milliseconds,
)

divisions = st.sampled_from([4, 6, 9, 12]).flatmap(lambda n: st.from_regex(rf"\A[0-9]{{{n}}}\Z"))
villages = st.from_regex(r"\A[0-9]{12}\Z")
ulids = st.from_regex(rf"\A{ULID_PATTERN}\Z")
aliases = st.from_regex(rf"\A{ALIAS_PATTERN}\Z")
owners = {
    "author": aliases,
    "addressee": aliases,
    "case": ulids,
    "device": st.from_regex(rf"\A{RECEIPT_OWNER_PATTERN}\Z"),
}


@st.composite
def event_ids(draw: st.DrawFn, division: st.SearchStrategy[str] = divisions) -> str:
    kind = draw(st.sampled_from(sorted(OWNER_OF_KIND)))
    return event_id(draw(division), kind, draw(owners[OWNER_OF_KIND[kind]]), draw(ulids))


@st.composite
def derived_ids(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(DERIVED_KINDS)))
    form = r"\A[0-9]{4}-[0-9]{4}\Z" if kind == "notice" else r"\A[0-9]{4}(H1|H2|Y)(-[2-9]|-[1-9][0-9])?\Z"
    period = ":" + draw(st.from_regex(form)) if DERIVED_KINDS[kind] else ""
    return f"{draw(divisions)}:{kind}{period}"


@given(event_ids() | derived_ids())
def test_every_id_parses_back(identity: str) -> None:
    assert str(parse_id(identity)) == identity


@given(st.text(max_size=80))
def test_any_text_is_an_id_or_an_id_error(text: str) -> None:
    try:
        parsed = parse_id(text)
    except IdError:
        return
    assert str(parsed) == text


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "371724109217",
        "37172410921:report:i1:01ARZ3NDEKTSV4RRFFQ69G5FAV",  # eleven digits
        "371724109:notice:2026H1",  # a paper has a number
        "371724109:notice:2026-7",
        "371724109217:evaluation:2026-0007",
        "３７１７:lights",  # full-width digits
        "371724109217:report:i1",
        "371724109217:report:I1:01ARZ3NDEKTSV4RRFFQ69G5FAV",  # an alias is lower case
        "371724109217:report:i1:81ARZ3NDEKTSV4RRFFQ69G5FAV",  # beyond the largest ULID
        "371724109217:report:i1:01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
        "371724109217:report:i1:01ARZ3NDEKTSV4RRFFQ69G5FAV:more",
        "371724109217:case:i1:01ARZ3NDEKTSV4RRFFQ69G5FAV",  # a case is named by its ULID
        "371724109217:lights:2026H1",
        "371724109217:evaluation",
        "371724109217:evaluation:2026",
        "371724109217:secret:i1:01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ],
)
def test_what_is_no_id_is_refused(wrong: str) -> None:
    with pytest.raises(IdError):
        parse_id(wrong)


@given(event_ids(), divisions)
def test_an_office_sees_a_document_exactly_when_it_stands_at_or_above_it(identity: str, office: str) -> None:
    division = identity.split(":")[0]
    assert office_scope([office]).allows(identity) == division.startswith(office)


@given(event_ids(villages), villages)
def test_no_id_lies_in_the_scopes_of_two_villages(identity: str, other: str) -> None:
    own = identity.split(":")[0]
    assert office_scope([own]).allows(identity)
    assert office_scope([other]).allows(identity) == (other == own)


@given(event_ids(villages), aliases, st.from_regex(rf"\A{DEVICE_PATTERN}\Z"))
def test_an_informant_sees_only_what_is_owned_by_alias_or_device(identity: str, alias: str, device: str) -> None:
    parsed = parse_id(identity)
    allowed = informant_scope(parsed.division, alias, device).allows(identity)
    is_own = (parsed.kind in ("report", "answer", "omission", "sanction") and parsed.owner == alias) or (
        parsed.kind == "receipt" and parsed.owner == f"{alias}.{device}"
    )
    assert allowed == is_own


@given(event_ids(villages), aliases)
def test_an_administrator_sees_of_the_own_village_all_but_what_is_of_informants_or_for_others(
    identity: str, alias: str
) -> None:
    parsed = parse_id(identity)
    is_own = (parsed.owner or "").partition(".")[0] == alias
    is_seen = parsed.kind not in {*OF_INFORMANTS, "risk", "verdict"} and (
        parsed.kind not in ("answer", "receipt") or is_own
    )
    assert administrator_scope(parsed.division, alias).allows(identity) == is_seen
    assert not administrator_scope("371799999999", alias).allows(identity)


@given(aliases, aliases, ulids)
def test_an_alias_that_begins_like_another_stays_outside(alias: str, more: str, ulid: str) -> None:
    longer = (alias + more)[:32]
    scope = informant_scope("371724109217", alias, "d1")
    assert scope.allows(f"371724109217:report:{longer}:{ulid}") == (longer == alias)


@given(ulids, ulids, ulids)
def test_a_department_sees_the_cases_assigned_to_it_and_no_other(case: str, other: str, ulid: str) -> None:
    scope = department_scope([("371724109217", case)])
    assert scope.allows(f"371724109217:case:{case}:{ulid}")
    assert scope.allows(f"371724109217:case:{other}:{ulid}") == (case == other)
    assert not scope.allows(f"371724109218:case:{case}:{ulid}")
    assert not scope.allows("371724109217:lights")


@given(st.lists(event_ids() | derived_ids(), max_size=20), st.lists(divisions, min_size=1, max_size=5))
def test_key_ranges_hold_exactly_the_ids_of_the_scope(identities: list[str], offices: list[str]) -> None:
    scope = office_scope(offices)
    for identity in identities:
        in_ranges = [start <= identity < end for start, end in scope.key_ranges()]
        assert any(in_ranges) == scope.allows(identity)
        assert sum(in_ranges) <= 1


@given(st.lists(divisions, min_size=1, max_size=5), divisions, event_ids())
def test_the_part_of_a_scope_within_a_division_is_their_intersection(
    offices: list[str], division: str, identity: str
) -> None:
    part = office_scope(offices).within(division_prefix(division))
    in_both = office_scope(offices).allows(identity) and office_scope([division]).allows(identity)
    assert part.allows(identity) == in_both


def test_an_empty_prefix_is_refused_and_an_empty_scope_sees_nothing() -> None:
    with pytest.raises(ValueError, match="empty prefix"):
        Scope.of([""])
    assert not Scope.of([]).allows("371724109217:lights")


@given(st.integers(0, 2**48 - 1))
def test_the_lowest_ulid_of_an_instant_carries_it(milliseconds: int) -> None:
    assert ulid_milliseconds(ulid_lowest(milliseconds)) == milliseconds


def test_a_division_belongs_to_its_countys_database_and_the_city_to_its_own() -> None:
    assert database_of("371724109217") == database_of("371724109") == database_of("371724") == "d110-371724"
    assert database_of("3717") == "d110-3717"
