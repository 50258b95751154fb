"""Document ids and scopes. Pure text: deciding who may see a document needs no document.

Event ids are ``{division}:{kind}:{owner}:{ulid}``, derived ones ``{division}:{kind}`` (and ``:{period}``). A division's
code is a prefix of the codes below it (4, 6, 9, 12 digits: city, county, township, village), so a scope
is a set of id prefixes and nothing else (design: "Documents and ids").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

import msgspec

Level = Literal["city", "county", "township", "village"]

LEVELS: Final[dict[int, Level]] = {4: "city", 6: "county", 9: "township", 12: "village"}
CODE_LENGTHS: Final[dict[Level, int]] = {level: length for length, level in LEVELS.items()}

#: What the third part of an event id names. ``author``: who wrote it; ``addressee``: whom it is for.
OwnerKind = Literal["author", "addressee", "case", "device"]
OWNER_OF_KIND: Final[dict[str, OwnerKind]] = {
    "report": "author",
    "round": "author",
    "inspection": "author",
    "patrol": "author",
    "agenda": "author",
    "meeting": "author",
    "carrying": "author",
    "team": "author",
    "pledge": "author",
    "training": "author",
    "service": "author",
    "appointment": "author",
    "verdict": "author",
    "acknowledgement": "author",
    "withdrawal": "author",
    "decision": "author",
    "settlements": "author",
    "answer": "addressee",
    "omission": "addressee",
    "sanction": "addressee",
    "case": "case",
    "receipt": "device",
}
#: Derived kinds, and whether their id ends with a period.
DERIVED_KINDS: Final[dict[str, bool]] = {
    "lights": False,
    "risk": False,
    "evaluation": True,
    "summary": True,
    "register": False,
    "dataset": False,
    "notice": True,
    "candidates": False,
    "weeks": False,
}
#: What is said of an informant: for the office that appointed them and those above it, and no one in the village.
OF_INFORMANTS: Final = frozenset({"appointment", "pledge", "omission", "sanction", "candidates"})
#: Which villages are watched, and what analysts say of it: for those above the village; and what townships alone have.
_ABOVE_THE_VILLAGE: Final = OF_INFORMANTS | {"risk", "verdict", "weeks"}

ULID_PATTERN: Final = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
ALIAS_PATTERN: Final = r"[a-z][a-z0-9_-]{0,31}"
DEVICE_PATTERN: Final = r"[a-z0-9][a-z0-9_-]{0,63}"
#: A receipt belongs to an account on a device: device names are the client's to choose, so alone they protect nothing.
RECEIPT_OWNER_PATTERN: Final = rf"{ALIAS_PATTERN}\.{DEVICE_PATTERN}"
#: An issued paper's year and its number in that year, among those of its office; minutes (m) have numbers of their own.
SERIAL_PATTERN: Final = r"\d{4}-m?\d{4}"
#: A half-year or a year, and from the second version on the version's number.
PERIOD_PATTERN: Final = r"\d{4}(?:H[12]|Y)(?:-(?:[2-9]|[1-9]\d))?"

#: A document that passes through is asked for its id's parts by each check, fold and list: some ten times.
IDS_REMEMBERED: Final = 8_192

_DIVISION = re.compile(r"(?:\d{4}|\d{6}|\d{9}|\d{12})\Z", re.ASCII)
_OWNER: Final[dict[OwnerKind, re.Pattern[str]]] = {
    "author": re.compile(ALIAS_PATTERN + r"\Z"),
    "addressee": re.compile(ALIAS_PATTERN + r"\Z"),
    "case": re.compile(ULID_PATTERN + r"\Z"),
    "device": re.compile(RECEIPT_OWNER_PATTERN + r"\Z"),
}
_ULID = re.compile(ULID_PATTERN + r"\Z")
_PERIOD = re.compile(PERIOD_PATTERN + r"\Z", re.ASCII)
_SERIAL = re.compile(SERIAL_PATTERN + r"\Z", re.ASCII)
#: Crockford's letters as Python's own of base 32.
_AS_BASE_32: Final = str.maketrans("ABCDEFGHJKMNPQRSTVWXYZ", "abcdefghijklmnopqrstuv")


class IdError(ValueError):
    """The text is no document id; the message says which part is wrong."""


class DocumentId(msgspec.Struct, frozen=True):
    """A parsed id. ``owner`` and ``ulid`` are set for events, ``period`` for derived documents of a period; a notice's
    is its year and number."""

    division: str
    kind: str
    owner: str | None = None
    ulid: str | None = None
    period: str | None = None

    def __str__(self) -> str:
        return ":".join(
            part for part in (self.division, self.kind, self.owner, self.ulid, self.period) if part is not None
        )

    @property
    def level(self) -> Level:
        return LEVELS[len(self.division)]


def is_division_code(text: str) -> bool:
    """Whether the text has the form of a code of one of the four levels."""
    return _DIVISION.match(text) is not None


@lru_cache(IDS_REMEMBERED)
def parse_id(text: str) -> DocumentId:
    """Parse an id. Raises ``IdError``. ``str(parse_id(text)) == text`` for every id that parses."""
    parts = text.split(":")
    if len(parts) < 2 or not is_division_code(parts[0]):
        raise IdError(f"no division code at the start of {text[:80]!r}")
    division, kind, *rest = parts
    if kind in OWNER_OF_KIND:
        return _parse_event(text, division, kind, rest)
    if kind in DERIVED_KINDS:
        return _parse_derived(text, division, kind, rest)
    raise IdError(f"unknown kind {kind[:40]!r}")


def _parse_event(text: str, division: str, kind: str, rest: list[str]) -> DocumentId:
    if len(rest) != 2:
        raise IdError(f"an event id has four parts: {text[:80]!r}")
    owner, ulid = rest
    if not _OWNER[OWNER_OF_KIND[kind]].match(owner):
        raise IdError(f"{owner[:40]!r} is no {OWNER_OF_KIND[kind]}")
    if not _ULID.match(ulid):
        raise IdError(f"{ulid[:40]!r} is no ULID")
    return DocumentId(division, kind, owner=owner, ulid=ulid)


def _parse_derived(text: str, division: str, kind: str, rest: list[str]) -> DocumentId:
    has_period = DERIVED_KINDS[kind]
    if len(rest) != int(has_period):
        raise IdError(f"{text[:80]!r} has too many or too few parts for {kind!r}")
    if has_period and not (_SERIAL if kind == "notice" else _PERIOD).match(rest[0]):
        raise IdError(
            f"{rest[0][:40]!r} is no {'number such as 2026-0007' if kind == 'notice' else 'period such as 2026H1'}"
        )
    return DocumentId(division, kind, period=rest[0] if has_period else None)


def event_id(division: str, kind: str, owner: str, ulid: str) -> str:
    """The id of an event, checked. Raises ``IdError``."""
    return str(parse_id(f"{division}:{kind}:{owner}:{ulid}"))


def ulid_milliseconds(ulid: str) -> int:
    """The time an (already checked) ULID carries, in ms since 1970."""
    return int(ulid[:10].translate(_AS_BASE_32), 32)


def ulid_lowest(milliseconds: int) -> str:
    """The smallest ULID of an instant (ms since 1970): where a key range by time begins."""
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(letters[(milliseconds >> shift) & 31] for shift in range(45, -5, -5)) + "0" * 16


class Scope(msgspec.Struct, frozen=True):
    """A set of id prefixes, sorted and without one that another covers."""

    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, prefixes: Iterable[str]) -> Scope:
        kept: list[str] = []
        for prefix in sorted(set(prefixes)):
            if not prefix:
                raise ValueError("an empty prefix would open everything")
            if not (kept and prefix.startswith(kept[-1])):
                kept.append(prefix)
        return cls(tuple(kept))

    def allows(self, document_id: str) -> bool:
        """Whether the document lies in the scope. Works for tombstones too: the id is enough."""
        return document_id.startswith(self.prefixes) if self.prefixes else False

    def key_ranges(self) -> list[tuple[str, str]]:
        """Half-open ranges ``[start, end)`` in byte order that hold exactly the ids of the scope."""
        return [(prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)) for prefix in self.prefixes]

    def without(self, prefixes: Iterable[str]) -> Scope:
        """The part of the scope that the prefixes do not cover whole."""
        covered = tuple(prefixes)
        return Scope(tuple(p for p in self.prefixes if not p.startswith(covered)))

    def within(self, prefix: str) -> Scope:
        """The part of the scope that a prefix covers, such as a division's code."""
        inside = [p for p in self.prefixes if p.startswith(prefix)]
        if any(prefix.startswith(p) for p in self.prefixes):
            inside.append(prefix)
        return Scope.of(inside)


def division_prefix(division: str) -> str:
    """The prefix of a division's own documents and of all below it. Raises ``IdError``.

    A full village code ends with the separator, since nothing lies below it; the others need none, because codes
    of one level all have one length.
    """
    if not is_division_code(division):
        raise IdError(f"{division[:40]!r} is no division code")
    return division + ":" if len(division) == CODE_LENGTHS["village"] else division


def informant_scope(village: str, alias: str, device: str) -> Scope:
    """What an informant may see: own reports, answers, omissions and what followed, own receipts, and the village's
    lights."""
    kinds = [f"{village}:{kind}:{alias}:" for kind in ("report", "answer", "omission", "sanction")]
    return Scope.of([*kinds, f"{village}:receipt:{alias}.{device}:", f"{village}:lights"])


def administrator_scope(village: str, alias: str) -> Scope:
    """What a village's administrator may see: all of the village but what is said of its informants or of its being
    watched, and what is addressed to others (an answer, or a receipt for an appeal, tells of it too)."""
    events = OWNER_OF_KIND.keys() - _ABOVE_THE_VILLAGE - {"answer", "receipt"}
    derived = {f"{village}:{kind}" for kind in DERIVED_KINDS.keys() - _ABOVE_THE_VILLAGE}
    own = {f"{village}:answer:{alias}:", f"{village}:receipt:{alias}."}
    return Scope.of({f"{village}:{kind}:" for kind in events} | derived | own)


def department_scope(cases: Iterable[tuple[str, str]]) -> Scope:
    """What a department may see: the events of the cases assigned to it, as pairs (division, case ULID)."""
    return Scope.of(f"{division}:case:{case}:" for division, case in cases)


def office_scope(divisions: Iterable[str]) -> Scope:
    """What an office may see: everything at and below its divisions."""
    return Scope.of(division_prefix(division) for division in divisions)


#: Beside the city's and the counties': accounts (never replicated), what the gateway refused, which device
#: synchronised when, photos, and who decided what.
DATABASE_PREFIX: Final = "d110-"
STAFF_DATABASE: Final = "d110-staff"
QUARANTINE_DATABASE: Final = "d110-quarantine"
HEALTH_DATABASE: Final = "d110-health"
PHOTOS_DATABASE: Final = "d110-photos"
AUDIT_DATABASE: Final = "d110-audit"
#: Names of cases, and the keys that open them; never replicated, and never backed up together.
SEALED_DATABASE: Final = "d110-sealed"
KEYS_DATABASE: Final = "d110-keys"


def database_of(division: str) -> str:
    """The database that holds a division's documents, or the document of an id: its county's, or the city's own."""
    return DATABASE_PREFIX + division.partition(":")[0][: CODE_LENGTHS["county"]]
