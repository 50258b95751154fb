"""Who may do what: an account's role and divisions give its scope and what it may write. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from models.documents import Alias, CaseStep, OmissionStage
from models.ids import (
    CODE_LENGTHS,
    Scope,
    administrator_scope,
    database_of,
    department_scope,
    informant_scope,
    office_scope,
)

Role = Literal["informant", "administrator", "station", "county", "department", "city", "analyst", "leader"]
ROLES: Final[tuple[Role, ...]] = (
    "informant",
    "administrator",
    "station",
    "county",
    "department",
    "city",
    "analyst",
    "leader",
)
#: The level of code an account of a role stands at.
LEVEL_OF_ROLE: Final[dict[Role, tuple[str, ...]]] = {
    "informant": ("village",),
    "administrator": ("village",),
    "station": ("township",),
    "county": ("county",),
    "department": ("county", "city"),
    "city": ("city",),
    "analyst": ("county", "city"),
    "leader": ("county", "city"),
}

_OFFICE_KINDS: Final = frozenset(
    {
        "report",
        "round",
        "case",
        "answer",
        "inspection",
        "patrol",
        "agenda",
        "meeting",
        "carrying",
        "team",
        "pledge",
        "training",
        "service",
        "acknowledgement",
        "withdrawal",
    }
)
#: The kinds of event each role may write. Derived documents are written by the gateway and the nightly run alone.
WRITES: Final[dict[Role, frozenset[str]]] = {
    "informant": frozenset({"report", "omission"}),
    "administrator": frozenset({"report", "round", "case", "acknowledgement", "carrying"}),
    "station": _OFFICE_KINDS | {"appointment", "omission", "settlements"},
    "county": _OFFICE_KINDS | {"omission", "sanction", "decision"},
    "city": _OFFICE_KINDS | {"decision"},
    "department": frozenset({"case", "acknowledgement", "carrying"}),
    "analyst": frozenset({"verdict"}),
    "leader": frozenset(),
}
#: Steps that an account outside the offices may record; the offices may record all.
_STEPS: Final[dict[Role, frozenset[CaseStep]]] = {
    "administrator": frozenset({"opened", "seen", "taken", "progress", "submitted", "reviewed", "escalated"}),
    "department": frozenset({"taken", "progress", "submitted", "reviewed"}),
}


#: Steps of an omission: the informant appeals, or the station writes the appeal down where there is no open account;
#: who decides on it stands above who confirmed it.
_OMISSION_STEPS: Final[dict[Role, frozenset[OmissionStage]]] = {
    "informant": frozenset({"appealed"}),
    "station": frozenset({"found", "confirmed", "set_aside", "appealed"}),
    "county": frozenset({"found", "confirmed", "set_aside", "upheld", "withdrawn"}),
}

#: The roles that are an office.
OFFICES: Final[frozenset[Role]] = frozenset({"station", "county", "city"})
#: An office looks after accounts below its own rank.
_RANK: Final[dict[Role, int]] = {
    "informant": 0,
    "administrator": 0,
    "department": 1,
    "analyst": 1,
    "leader": 1,
    "station": 1,
    "county": 2,
    "city": 3,
}


class AssignedCase(msgspec.Struct, frozen=True):
    """A case that is assigned to a department's account."""

    division: str
    case: str


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the gateway needs to know of a member of staff. The person's name stands in the staff data base only.
    ``department``: the short name of the department that an account of that role belongs to; ``former``: the divisions
    where it worked before, whose offices still judge what was written there."""

    alias: Alias
    role: Role
    divisions: Annotated[tuple[str, ...], Meta(min_length=1)]
    cases: tuple[AssignedCase, ...] = ()
    department: str | None = None
    former: tuple[str, ...] = ()

    @property
    def offices(self) -> tuple[str, ...]:
        """The units in whose name it may take a case: its divisions', or its department; none of who looks only."""
        if WRITES[self.role].isdisjoint({"report", "case"}):
            return ()
        if self.role == "department":
            return () if self.department is None else (self.department,)
        return self.divisions

    def is_department_of(self, department: str, division: str) -> bool:
        """Whether it belongs to a department of a county, or of the city."""
        return self.role == "department" and self.department == department and division in self.divisions

    def scope(self, device: str) -> Scope:
        """The documents that this account may see on this device."""
        if self.role == "informant":
            parts = [informant_scope(village, self.alias, device) for village in self.divisions]
            return Scope.of(prefix for part in parts for prefix in part.prefixes)
        if self.role == "administrator":
            parts = [administrator_scope(village, self.alias) for village in self.divisions]
            return Scope.of(prefix for part in parts for prefix in part.prefixes)
        if self.role == "department":
            cases = department_scope((c.division, c.case) for c in self.cases)
            own = [
                f"{code}:{kind}:{self.alias}:" for code in self.divisions for kind in ("acknowledgement", "carrying")
            ]
            return Scope.of([*cases.prefixes, *own])
        return office_scope(self.divisions)

    def board_scope(self) -> Scope:
        """The villages whose lights this account may look at; a department's are those of its cases."""
        return office_scope({c.division for c in self.cases} if self.role == "department" else self.divisions)

    @property
    def is_in_the_field(self) -> bool:
        """Whether it works on a tablet, which may be without a network for weeks."""
        return self.role in ("informant", "administrator")

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing, whatever it asks for."""
        return not WRITES[self.role]

    @property
    def oversees(self) -> bool:
        """Whether it looks at a whole division from above the village, beside the offices there."""
        return self.is_office or self.role in ("analyst", "leader")

    @property
    def is_office(self) -> bool:
        """Stations and centres, who look after accounts and what was refused."""
        return self.role in OFFICES

    def is_office_of(self, author: Account) -> bool:
        """Whether an author is of this account's office, or was when they wrote there: then it may correct what they
        recorded."""
        is_same = self.is_office and author.role == self.role
        return is_same and not {*author.divisions, *author.former}.isdisjoint(self.divisions)

    def place_covering(self, division: str) -> str | None:
        """Which of the divisions where it works, or worked, another one lies in."""
        return next((code for code in (*self.divisions, *self.former) if division.startswith(code)), None)

    def may_manage(self, other: Account) -> bool:
        """Whether this office looks after another account: it works somewhere in the office's divisions, and its role
        is below. One that works in two townships is looked after by both stations: either may shut off its tablet."""
        is_below = self.is_office and _RANK[other.role] < _RANK[self.role]
        return is_below and any(code.startswith(self.divisions) for code in other.divisions)

    def may_see_case(self, village: str, case: str) -> bool:
        """Whether a village's open case is this account's to see, where its village is; a department sees its own."""
        return self.role != "department" or AssignedCase(village, case) in self.cases

    def databases(self, counties: tuple[str, ...]) -> tuple[str, ...]:
        """The databases this account replicates with, given all counties of the city."""
        codes = [c.division for c in self.cases] if self.role == "department" else list(self.divisions)
        if any(len(code) == CODE_LENGTHS["city"] for code in codes):
            codes.extend(counties)
        return tuple(sorted({database_of(code) for code in codes}))

    def may_write(self, kind: str) -> bool:
        return kind in WRITES[self.role]

    def may_take(self, step: OmissionStage) -> bool:
        """Whether this step of an omission is the account's to take."""
        return step in _OMISSION_STEPS.get(self.role, frozenset())

    def may_record(self, step: CaseStep) -> bool:
        allowed = _STEPS.get(self.role)
        return allowed is None or step in allowed


class Session(msgspec.Struct, frozen=True, dict=True):
    """A logged-in account on a device. One that was revoked may hand in what it has not sent, and nothing else;
    ``is_closed``: because its account was closed. ``moment``: which changes of accounts its gateway had heard when it
    was read."""

    account: Account
    device: str
    is_revoked: bool = False
    is_closed: bool = False
    moment: int = 0

    @cached_property
    def scope(self) -> Scope:
        return self.account.scope(self.device)
