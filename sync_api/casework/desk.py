"""What one request to the pages of casework sees, and how it writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from models import calendar
from models.documents import AnyDocument, AnyEvent, Event, decode_document, encode
from models.ids import database_of, division_prefix
from models.setup import Setup
from sync_api.access.accounts import Account
from sync_api.casework.book import Matter
from sync_api.casework.lists import Filter, matching
from sync_api.casework.views import CaseView, case_view
from sync_api.casework.words import LedgerLine
from sync_api.errors import BadRequest, Conflict, Forbidden, NotFound, StillReading
from sync_api.field_faults import field_fault
from sync_api.notices.views import NoticeRow
from sync_api.parts import Gateway, SessionRequest
from sync_api.replication.intake import check, without_revision
from sync_api.replication.refusals import Refusal
from sync_api.sheets import About, Asked

Kind = TypeVar("Kind", bound=Event)


class Stored(msgspec.Struct):
    """The id of what was stored."""

    id: str


class Desk(msgspec.Struct):
    """What one request sees: the cases in its scope, as of now."""

    account: Account
    setup: Setup
    now: datetime
    today: int
    matters: list[Matter]

    def view(self, matter: Matter) -> CaseView:
        return case_view(matter, self.setup.register, self.today)

    def about(self, name: str, title: tuple[str, str], division: str = "", asked: Iterable[Asked] = ()) -> About:
        """What a file says of itself that is of a division, or of all that is the account's."""
        own = self.account.department
        of_department = [] if own is None else [Asked((f"{own}的事项", f"cases of {own}"), own)]
        divisions = (division,) if division else self.account.divisions
        return About(name, title, self.setup, divisions, self.now, (*of_department, *asked))

    def matching(self, wanted: Filter) -> list[Matter]:
        """The newest first."""
        policy = self.setup.rulebook.policy
        found = matching(self.matters, wanted, self.setup.register, policy, self.today)
        return sorted(found, key=lambda m: m.case.case, reverse=True)

    def lines(self, gateway: Gateway, matters: Sequence[Matter], papers: Iterable[NoticeRow]) -> list[LedgerLine]:
        """The lines of cases in the ledger, given the papers that the account may read."""
        book, of_case = gateway.book, defaultdict[tuple[str | None, str | None], list[NoticeRow]](list)
        for paper in papers:
            of_case[paper.village, paper.case].append(paper)
        return [
            LedgerLine(
                matter,
                self.view(matter),
                of_case.get((village, case), ()),
                book.received_at(village, case),
                book.replied_at(village, case),
                self.today,
            )
            for matter in matters
            for village, case in [(matter.case.village, matter.case.case)]
        ]


async def open_desk(gateway: Gateway, request: SessionRequest, division: str = "") -> Desk:
    """Raises ``Forbidden`` for informants: what villagers and other informants said is not theirs to read; and
    ``StillReading`` while cases are being read."""
    account, scope = request.user.account, request.user.scope
    if account.role == "informant":
        raise Forbidden("no_casework", "事项由管理站、管理中心和部门办理。", "Cases are the offices' to work on.")
    setup, now = await gateway.installation.setup(), gateway.clock()
    codes = {c.division for c in account.cases} if account.role == "department" else set(account.divisions)
    register = setup.register
    inside = [v for code in sorted(codes) for v in register.villages[register.villages_in(code)]]
    villages = [v for v in inside if v.startswith(division)]
    if not gateway.book.is_loaded({database_of(v) for v in villages}):
        raise StillReading("台账", "the ledger")
    matters = [m for m in gateway.book.of(villages) if scope.allows(f"{m.case.village}:case:{m.case.case}:")]
    return Desk(account, setup, now, calendar.local_day(now), matters)


async def open_ledger(gateway: Gateway, request: SessionRequest, division: str) -> Desk:
    """``open_desk`` for a list of a division, or of all if it is empty. Raises besides ``Forbidden`` for one outside
    the account's scope, ``NotFound`` for none."""
    desk = await open_desk(gateway, request, division)
    if division and not division.startswith(desk.account.divisions):
        raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
    if division and division not in desk.setup.register.divisions:
        raise NotFound("no_such_division", "没有这个村或单位。", "There is no such division.")
    return desk


def fields_of(form: msgspec.Struct) -> dict[str, Any]:
    """What a form says of its event, without what stands in the event's id and which one it corrects."""
    said = msgspec.structs.asdict(form)
    elsewhere = ("ulid", "village", "division", "corrects")
    return {name: said[name] for name in said if name not in elsewhere and said[name] is not None}


async def new_event(
    gateway: Gateway, request: SessionRequest, kind: type[Kind], division: str, ulid: str, fields: Mapping[str, Any]
) -> Kind:
    """The account's own event of what a form says, as of now. Raises ``BadRequest``."""
    now, tag = gateway.clock(), str(kind.__struct_config__.tag)
    whole = {
        "type": tag,
        "_id": f"{division}:{tag}:{request.user.account.alias}:{ulid}",
        "observed_at": now,
        "saved_at": now,
        "simulated": (await gateway.installation.setup()).rulebook.is_simulated,
        **fields,
    }
    try:
        return msgspec.convert(whole, kind, from_attributes=True)
    except msgspec.ValidationError as error:
        raise BadRequest("malformed", *field_fault(str(error))) from error


async def require_sound(gateway: Gateway, request: SessionRequest, division: str, event: AnyEvent) -> None:
    """Raises ``Conflict`` with the reason for what the door would refuse an event by itself; nothing of it is kept."""
    setup = await gateway.installation.setup()
    judged = check(Raw(encode(event)), request.user, setup, database_of(division), gateway.clock())
    if isinstance(judged, Refusal):
        raise Conflict("step_refused", judged.zh, judged.en)


async def store_event(gateway: Gateway, request: SessionRequest, division: str, event: AnyEvent) -> Stored:
    """Store an event as the account's own. What was stored before under its id is not stored again: its request was
    repeated. Raises ``Conflict`` with the reason of a refusal, or where the repeated request says something else."""
    setup, database = await gateway.installation.setup(), database_of(division)
    account, is_here = request.user.account, division in setup.register.divisions
    if not is_here or not (division in account.divisions or account.board_scope().allows(division_prefix(division))):
        raise NotFound("no_such_division", "没有这个村或单位。", "There is no such division within your scope.")
    if request.user.scope.allows(event.id) and (stored := await gateway.couch.get(database, event.id)) is not None:
        if not _says_the_same(decode_document(stored), event):
            raise Conflict(
                "other_content",
                "网络中断之前的那一份已经存入，内容与这次不同；刷新可见。如仍要补充，请再提交一次。",
                "What was sent before the network was cut is stored, and says something else: reload to see it. "
                "Send once more to add this to it.",
            )
        return Stored(event.id)
    row = await gateway.push.take_one(request.user, setup, database, Raw(encode(event)))
    if not row.ok:
        zh, _, en = row.reason.partition(" / ")
        raise Conflict("step_refused", zh, en)
    return Stored(event.id)


def _says_the_same(stored: AnyDocument, event: AnyEvent) -> bool:
    """Whether an event is a stored one that was sent again: later, that is, and without its revision."""
    if not isinstance(stored, type(event)):
        return False
    times = {"observed_at": stored.observed_at, "saved_at": stored.saved_at}
    return msgspec.structs.replace(without_revision(event), **times) == without_revision(stored)
