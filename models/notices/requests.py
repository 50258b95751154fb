"""What an office asks for when it issues a paper. The ULID is the client's: the same one again is the same paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from models.documents import CaseStep, Line, Paper, Text, Ulid, VillageCode, Words

#: The step of its case that a paper is issued with, and that is taken with no other.
STEP_OF_PAPER: Final[dict[Paper, CaseStep]] = {"warning": "noticed", "rectification": "deadline"}
#: What a paper brings about alone: its issue and its withdrawal.
STEPS_BY_PAPER: Final[frozenset[CaseStep]] = frozenset({*STEP_OF_PAPER.values(), "recalled"})
Asked = Annotated[list[Words], Meta(min_length=1, max_length=12)]
Copies = Annotated[list[Line], Meta(max_length=20)]


class WarningRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A warning notice (警示通知) to a village's point: what was reported without names, what is asked, by which day.
    ``contact``: where in the office one asks, never a person or a telephone number; ``again``: though the office has
    issued such a paper about this case already."""

    ulid: Ulid
    village: VillageCode
    case: Ulid
    reported: Words
    asked: Asked
    due: date
    contact: Line = ""
    copies: Copies = []
    again: bool = False

    def texts(self) -> Iterator[str]:
        """All that somebody wrote."""
        yield from (self.reported, *self.asked, self.contact, *self.copies)


class MeetingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper of a meeting: ``about`` is the id of its approved agenda (会议通知) or of its minutes (会议纪要)."""

    ulid: Ulid
    about: Line
    copies: Copies = []


class OrderRequest(WarningRequest, frozen=True, kw_only=True):
    """An order to put right by a deadline (限期整改通知书), to the lead ``department`` and the township: ``reported``
    are the facts found, ``norm`` is what was not kept."""

    department: Line
    norm: Text = ""

    def texts(self) -> Iterator[str]:
        yield from (*super().texts(), self.department, self.norm)


class WithdrawalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a paper is withdrawn (撤回)."""

    ulid: Ulid
    text: Words


def content_of(request: msgspec.Struct) -> str:
    """The SHA-256 of all that a request says, whatever its ULID, and whether it asks for the paper once more or not."""
    said: dict[str, object] = msgspec.to_builtins(request)
    return sha256(msgspec.json.encode(said | {"ulid": "", "again": False}, order="sorted")).hexdigest()
