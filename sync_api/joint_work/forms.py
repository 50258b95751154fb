"""What forms of joint work send. The ULID is the page's: a request that is repeated stores nothing twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from models.documents import AgendaItem, Count, Line, Resolution, Text, Ulid, VillageCode, Words


class NewAgenda(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An agenda as a person approves it. ``departments``: who is invited, offices among them."""

    ulid: Ulid
    division: str
    held_on: date
    begins_at: Line = ""
    items: Annotated[list[AgendaItem], Meta(min_length=1, max_length=200)]
    place: Line = ""
    departments: list[Line] = []


class AgendaWithdrawal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``about``: the agenda on which nobody will meet, and why."""

    ulid: Ulid
    about: Line
    text: Words


class NewMeeting(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Minutes. ``about``: the agenda, which a conference needs; ``observed_at``: when it was held, now if unset."""

    ulid: Ulid
    division: str
    resolutions: Annotated[list[Resolution], Meta(max_length=60)]
    departments: list[Line]
    excused: list[Line] = []
    observers: list[Line] = []
    chair: Line = ""
    about: Line | None = None
    place: Line = ""
    text: Text = ""
    dissent: Text = ""
    next_on: date | None = None
    observed_at: Annotated[datetime, Meta(tz=True)] | None = None


class NewCarrying(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ulid: Ulid
    about: str
    line: Annotated[int, Meta(ge=0, lt=60)]
    step: str
    text: Words


class NewTeam(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A team that is sent, or withdrawn (``about`` its sending)."""

    ulid: Ulid
    village: VillageCode
    office: str
    text: Words
    departments: list[Line] = []
    members: Count = 0
    until: date | None = None
    about: Line | None = None
