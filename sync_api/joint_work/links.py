"""What a document of patrols and joint work says of another one, judged beside that one as the store holds it."""

from __future__ import annotations

import asyncio

from models import calendar
from models.documents import Agenda, AnyEvent, Carrying, CaseEvent, Inspection, Meeting, Patrol, Team
from models.ids import DocumentId, Scope, database_of, parse_id
from models.joint_work.resolutions import resolution_states
from models.patrols import PatrolState, is_fair, patrol_states
from sync_api.couch import Couch
from sync_api.patrols.lots import Lots
from sync_api.stored import read_document, readable

Fault = tuple[str, str, str]
_NO_SUCH: Fault = (
    "unknown_reference",
    "所指的内容不存在，或者不能这样办理。",
    "What it is about is not there, or not so.",
)
_NOT_YET: Fault = (
    "before_its_day",
    "这次会议的日期还没有到；会议提前召开的，请先撤回议程，按新的日期重新批准。",
    "The day of this meeting has not come; if it met earlier, withdraw the agenda and approve one for that day.",
)
_NOT_SEALED: Fault = (
    "not_sealed",
    "封签不是系统为这次抽查生成的；抽查请在“巡查”页面发起。",
    "Its seal is not the one made for this lot: announce it on the page of patrols.",
)
_NOT_ON_LIST: Fault = (
    "not_on_list",
    "这个村不在这次巡查的名单中，或者还没有抽签；请登记为单独检查。",
    "The village is not on the list of this patrol, or nobody has drawn it yet: record a check by itself.",
)
_BEFORE_PATROL: Fault = (
    "before_patrol",
    "这次检查早于巡查的安排、抽签或开始日期，不能算作这次巡查；请登记为单独检查。",
    "It was made before this patrol was planned or drawn, or before its first day: record a check by itself.",
)
_OTHER_KIND: Fault = (
    "not_as_its_patrol",
    "“是否计划内”与所属的巡查不符。",
    "It says to be planned, or not to be, otherwise than its patrol.",
)


async def link_fault(couch: Couch, scope: Scope, event: AnyEvent, identity: DocumentId) -> Fault | None:
    """Code and reason, Chinese and English, why what an event is about is not as it says; None if it is. ``scope``: the
    writer's."""
    match event:
        case Patrol():
            return await _lot_fault(couch, event, identity)
        case Inspection() if event.patrol is not None:
            return await _check_fault(couch, scope, event, event.patrol)
        case Carrying():
            return await _carrying_fault(couch, event)
        case Team(step="withdrawn"):
            sent = await read_document(couch, event.about)
            is_its = isinstance(sent, Team) and (sent.step, sent.office) == ("sent", event.office)
            return None if is_its and (event.about or "").startswith(f"{identity.division}:") else _NO_SUCH
        case Agenda() | Meeting():
            return await _agenda_fault(couch, event, identity) or await _case_fault(couch, event)
    return None


async def _agenda_fault(couch: Couch, event: Agenda | Meeting, identity: DocumentId) -> Fault | None:
    """An agenda is met on, from its day on, or withdrawn once, by whose it is; corrected minutes keep their agenda and
    resolutions."""
    if isinstance(event, Meeting) and event.amends is not None:
        first = await read_document(couch, event.amends)
        is_kept = not isinstance(first, Meeting) or (
            len(event.resolutions) >= len(first.resolutions) and event.about == first.about
        )
        zh, en = "更正纪要时不能减少议定事项，也不能改换议程。", "A correction of minutes keeps resolutions and agenda."
        return None if is_kept else ("bad_amendment", zh, en)
    if event.about is None:
        return None
    agenda = await read_document(couch, event.about)
    is_its = event.about.startswith(f"{identity.division}:")
    if not isinstance(agenda, Agenda) or agenda.step != "approved" or not is_its:
        return _NO_SUCH
    if isinstance(event, Meeting) and calendar.local_day(event.observed_at) < calendar.epoch_day(agenda.held_on):
        return _NOT_YET
    for kind in ("agenda", "meeting"):
        prefix = f"{identity.division}:{kind}:"
        rows = await couch.range_of(database_of(event.id), prefix, prefix[:-1] + ";", include_docs=True)
        found = [d for d in readable(rows) if isinstance(d, Agenda | Meeting) and d.id != event.id]
        if any(d.about == event.about for d in found):
            return "agenda_settled", "这份议程已经写了会议纪要，或者已经撤回。", "It was met on or withdrawn already."
    return None


async def _case_fault(couch: Couch, event: Agenda | Meeting) -> Fault | None:
    """The first point or line that is about a case which its village has not."""
    points = event.items if isinstance(event, Agenda) else event.resolutions
    named = [(one.village, one.case) if one.village and one.case else None for one in points]
    asked = {one for one in named if one is not None}
    villages = sorted({village for village, _ in asked})
    found = await asyncio.gather(
        *(_cases_of(couch, village, {c for v, c in asked if v == village}) for village in villages)
    )
    known = {(village, case) for village, cases in zip(villages, found, strict=True) for case in cases}
    number = next((at for at, one in enumerate(named, 1) if one is not None and one not in known), None)
    if number is None:
        return None
    return "unknown_case", f"第 {number} 项所指的事项不存在。", f"Number {number} is about a case that is not there."


async def _cases_of(couch: Couch, village: str, cases: set[str]) -> set[str]:
    """Which of some cases a village has: each was opened by a report, or by an office."""
    database = database_of(village)
    reports = await couch.range_of(database, f"{village}:report:", f"{village}:report;")
    known = cases & {row.id[-26:] for row in reports if row.id is not None}
    for case in sorted(cases - known):
        steps = await couch.range_of(database, f"{village}:case:{case}:", f"{village}:case:{case};", include_docs=True)
        if any(isinstance(one, CaseEvent) and one.step == "opened" for one in readable(steps)):
            known.add(case)
    return known


async def _check_fault(couch: Couch, scope: Scope, check: Inspection, named: str) -> Fault | None:
    """A check of a patrol is one of a village on its list, made because of it."""
    patrol = await read_document(couch, named) if scope.allows(named) else None
    if not isinstance(patrol, Patrol) or patrol.step == "drawn":
        return _NO_SUCH
    if check.is_planned != (patrol.step == "planned"):
        return _OTHER_KIND
    state = await _state_of(couch, patrol)
    if parse_id(check.id).division not in state.villages:
        return _NOT_ON_LIST
    return None if state.holds(check) else _BEFORE_PATROL


async def _state_of(couch: Couch, patrol: Patrol) -> PatrolState:
    """A plan, or an announcement with what was drawn of it."""
    if patrol.step == "planned":
        return patrol_states([patrol], ())[0]
    prefix = f"{patrol.id.partition(':')[0]}:patrol:"
    rows = await couch.range_of(database_of(patrol.id), prefix, prefix[:-1] + ";", include_docs=True)
    drawn = [d for d in readable(rows) if isinstance(d, Patrol) and d.about == patrol.id]
    return patrol_states([patrol, *drawn], ())[0]


async def _lot_fault(couch: Couch, event: Patrol, identity: DocumentId) -> Fault | None:
    """An announcement bears the gateway's own seal, since who knew the secret could try words until the lot pleases; it
    is drawn once, as it must be."""
    if event.step == "announced":
        return None if await Lots(couch).is_sealed(event.id, event.commitment) else _NOT_SEALED
    if event.step == "planned":
        return None
    announced = await read_document(couch, event.about)
    if not isinstance(announced, Patrol) or parse_id(announced.id).division != identity.division:
        return _NO_SUCH
    if not is_fair(announced, event):
        zh = "抽签结果与封签、见证词不符，或者见证人就是发起人。"
        return "unfair_lot", zh, "The lot is not what seal and word give, or its witness announced it."
    prefix = f"{identity.division}:patrol:"
    rows = await couch.range_of(database_of(event.id), prefix, prefix[:-1] + ";", include_docs=True)
    if any(isinstance(d, Patrol) and d.about == event.about and d.id != event.id for d in readable(rows)):
        return "already_drawn", "这一次已经抽过。", "It has been drawn already."
    return None


async def _carrying_fault(couch: Couch, event: Carrying) -> Fault | None:
    """Whether it stands in its course is for the fold to say; here it must be the right office's."""
    meeting = await read_document(couch, event.about)
    if not isinstance(meeting, Meeting) or meeting.amends is not None:
        return _NO_SUCH
    prefix = meeting.id[:-26]
    rows = await couch.range_of(database_of(meeting.id), prefix, prefix[:-1] + ";", include_docs=True)
    versions = [m for m in readable(rows) if isinstance(m, Meeting) and meeting.id in (m.id, m.amends)]
    states = resolution_states([meeting, *versions], ())
    state = next((one for one in states if one.line == event.line), None)
    if state is None:
        return _NO_SUCH
    return None if event.office == (state.resolution.lead if event.step == "done" else state.checker) else _NO_SUCH
