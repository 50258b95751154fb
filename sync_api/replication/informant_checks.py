"""What the door asks of events about informants beyond their own words: whose account, and what was said before."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from models import calendar
from models.documents import (
    AnyEvent,
    Appointment,
    Candidate,
    Candidates,
    Omission,
    Pledge,
    Record,
    Report,
    Sanction,
    Settlements,
    Training,
)
from models.ids import CODE_LENGTHS, LEVELS, database_of, parse_id
from models.informants import appointment_fault, serving, settlements_of, terms_of
from models.truthfulness import Chain, OmissionStep, chains_of, is_beyond, omission_step, sanctions_in_force
from sync_api.access.accounts import Role
from sync_api.access.staff import Staff
from sync_api.couch import Couch
from sync_api.replication.intake import Accepted
from sync_api.replication.refusals import Refusal
from sync_api.stored import read_document, readable

if TYPE_CHECKING:
    from models.policy.truthfulness import TruthfulnessPolicy
    from models.setup import Setup

Judged = Accepted | Refusal
#: Code and reason, Chinese and English.
Fault = tuple[str, str, str]
_OWN_MATTER: Final = (
    "own_matter",
    "这件事是您登记的，是否漏报、瞒报由另一账号（同事或县级）认定。",
    "You entered this matter: a colleague or the county judges whether it was kept back.",
)
_NO_CANDIDATE: Final[Fault] = (
    "no_candidate",
    "夜间核对没有查出这一线索，或者查出的不是这一种；有据可查的才能认定。",
    "The night found no such candidate, or found it to be another thing: what is confirmed has its evidence.",
)
_NOT_KNOWN: Final[Fault] = (
    "not_known_before",
    "没有依据表明这位信息员事先知情（此前没有报过这一项），只能认定漏报，不能认定瞒报。",
    "Nothing shows that this informant knew of it (no earlier report of theirs): it was missed at most, not concealed.",
)
_NOT_THEIRS: Final[Fault] = (
    "not_theirs",
    "迟报只能认定上报人本人；本人上报了的，不能认定漏报、瞒报。",
    "A late report is its author's only, and what somebody reported they did not miss.",
)
#: Whose signature a pledge to the level above bears; in a village its administrator's and its informants'.
_SIGNERS: Final[dict[str, tuple[Role, ...]]] = {
    "county": ("county",),
    "township": ("station",),
    "village": ("administrator", "informant"),
}


class InformantChecks:
    """Reads accounts and earlier steps as they are in the store."""

    def __init__(self, couch: Couch, staff: Staff) -> None:
        self._couch, self._staff = couch, staff

    async def check(self, database: str, judged: Sequence[Judged], known: Container[str], setup: Setup) -> list[Judged]:
        """Each beside what the store holds and what came before it in the push. ``known``: ids that are stored already;
        what comes again was judged when it came."""
        out: list[Judged] = []
        before: list[AnyEvent] = []
        for one in judged:
            if isinstance(one, Accepted):
                fault = None if one.document_id in known else await self._fault(database, one, before, setup)
                if fault is not None:
                    out.append(Refusal(one.document_id, *fault))
                    continue
                before.append(one.event)
            out.append(one)
        return out

    async def _fault(self, database: str, judged: Accepted, before: list[AnyEvent], setup: Setup) -> Fault | None:
        event, division = judged.event, judged.identity.division
        policy = setup.rulebook.policy.truthfulness
        match event:
            case Record() if event.withdrawn:
                return None
            case Appointment() | Pledge() | Training():
                return await self._staffing_fault(division, event, before, setup)
            case Sanction():
                return await self._sanction_fault(database, judged, event, before, policy)
            case Omission(step="confirmed" | "set_aside"):
                return await self._settling_fault(database, judged, event, before)
            case Omission(step="appealed" | "upheld" | "withdrawn"):
                return await self._answer_fault(database, event, before, policy)
        return None

    async def _staffing_fault(
        self, division: str, event: Appointment | Pledge | Training, before: list[AnyEvent], setup: Setup
    ) -> Fault | None:
        match event:
            case Appointment():
                return await self._appointment_fault(division, event, before)
            case Pledge():
                return await self._pledge_fault(division, event.signer)
            case Training():
                return await self._training_fault(division, event, before, setup)

    async def _appointment_fault(self, village: str, event: Appointment, before: list[AnyEvent]) -> Fault | None:
        """It goes with an open account of the village's informants, and with its natural villages; who is dismissed
        serves on that day."""
        if event.is_dismissal:
            if not await self._is_informant(village, event.alias):
                return _no_informant(event.alias)
            appointed = [*await self._all_of(village, "appointment"), *before]
            held = serving(
                terms_of(one for one in appointed if isinstance(one, Appointment)),
                calendar.local_day(event.observed_at),
            )
            is_serving = any((term.village, term.alias) == (village, event.alias) for term in held)
            return None if is_serving or event.amends is not None else _not_serving(event.alias)
        record = await self._staff.find(event.alias)
        account = record.account if record is not None and record.is_active else None
        if account is None or account.role != "informant" or village not in account.divisions:
            return _no_informant(event.alias)
        entered = [one for one in await self._all_of(village, "settlements") if isinstance(one, Settlements)]
        entered += [one for one in before if isinstance(one, Settlements)]
        return appointment_fault(event, settlements_of(entered).get(village))

    async def _pledge_fault(self, division: str, signer: str) -> Fault | None:
        """It is signed by somebody who works in the division, or an informant whom its station appointed."""
        record = await self._staff.find(signer)
        account = record.account if record is not None and record.is_active else None
        roles = _SIGNERS.get(LEVELS[len(division)], ())
        if account is not None and account.role in roles and division in account.divisions:
            return None
        if "informant" in roles and await self._is_appointed(division, signer):
            return None
        zh, en = (
            f"{signer} 不是这一单位的账号，也不是它的信息员。",
            f"{signer!r} works in another division, or nowhere.",
        )
        return "no_signer", zh, en

    async def _training_fault(
        self, division: str, event: Training, before: list[AnyEvent], setup: Setup
    ) -> Fault | None:
        """Who attended as an informant held an appointment on that day in one of the division's villages."""
        if not event.informants:
            return None
        records = [await self._staff.find(alias) for alias in event.informants]
        villages = setup.register.villages[setup.register.villages_in(division)]
        if all(records):  # where somebody has no account, any village may have appointed them
            worked = {code for one in records if one for code in (*one.account.divisions, *one.account.former)}
            villages = tuple(village for village in villages if village in worked)
        found = await asyncio.gather(*(self._all_of(village, "appointment") for village in villages))
        said = [*before, *(one for of_village in found for one in of_village)]
        appointed = [one for one in said if isinstance(one, Appointment) and one.id.startswith(division)]
        held = serving(terms_of(appointed), calendar.local_day(event.observed_at))
        strangers = set(event.informants) - {term.alias for term in held}
        return _not_appointed(min(strangers)) if strangers else None

    async def _is_informant(self, village: str, alias: str) -> bool:
        """Whether it is an account of the village's informants, closed ones too, or was appointed there."""
        record = await self._staff.find(alias)
        account = None if record is None else record.account
        if account is not None and account.role == "informant" and village in (*account.divisions, *account.former):
            return True
        return await self._is_appointed(village, alias)

    async def _is_appointed(self, village: str, alias: str) -> bool:
        appointed = await self._all_of(village, "appointment")
        return any(isinstance(one, Appointment) and one.alias == alias for one in appointed)

    async def _sanction_fault(
        self, database: str, judged: Accepted, event: Sanction, before: list[AnyEvent], policy: TruthfulnessPolicy
    ) -> Fault | None:
        """It is based on what counts when it is made: nobody can appeal any more, or an appeal was turned down; and on
        something that no decision in force is based on, unless it corrects that one."""
        day, alias = calendar.local_day(event.saved_at), judged.identity.owner or ""
        chains = await self._chains(database, f"{judged.identity.division}:omission:{alias}:", before)
        final = {one.counted.id for one in chains if one.counted and one.is_final(day, policy.appeal_days)}
        if not final.issuperset(event.omissions):
            zh = "所依据的认定尚在申诉期内、正在申诉或已撤销。"
            return "not_counted", zh, "It is based on what may be appealed still, is appealed, or was withdrawn."
        if is_beyond(event, chains, policy):
            zh = "处理重于办法规定的档次；可以从轻，不得加重。"
            return "beyond_ladder", zh, "It goes beyond what the ladder says for this; it may only be milder."
        if ("suspended" in event.disciplines) != (event.suspended_days > 0):
            return "suspension_days", "停岗应写明天数。", "A suspension has a number of days, and nothing else has."
        stored = await self._all_of(judged.identity.division, "sanction", alias)
        sanctions = [one for one in (*stored, *before) if isinstance(one, Sanction) and _is_about(one, alias)]
        in_force = {one.id for one in sanctions_in_force(sanctions, chains)}
        others = [one for one in sanctions if one.id in in_force and event.amends not in (one.id, one.amends or one.id)]
        covered = {omission for one in others for omission in one.omissions}
        if covered.issuperset(event.omissions):
            zh, en = f"已由 {others[0].author} 作出处理决定。", f"{others[0].author!r} has decided on it already."
            return "already_decided", zh, en
        return None

    async def _settling_fault(
        self, database: str, judged: Accepted, event: Omission, before: list[AnyEvent]
    ) -> Fault | None:
        """A candidate is settled once, as what it is and of an informant of the village, whatever became of the
        account: of who wrote a late report, or of somebody who did not report what was missed."""
        about = await read_document(self._couch, event.about)
        if isinstance(about, Omission):  # what an office found: what that was about
            about = await read_document(self._couch, about.about)
        if about is None:
            return "unknown_matter", "所指的内容不在库中。", "What it is about is not in the store."
        village, owner = judged.identity.division, judged.identity.owner or ""
        chains = await self._chains(database, f"{village}:omission:", before)
        if settled := _settled(chains, about.id, owner):
            return settled
        candidate = await self._candidate(village, about.id)
        is_late = event.finding == "late"
        if candidate is None or (candidate.finding == "late") != is_late:
            return _NO_CANDIDATE
        is_own = isinstance(about, Report) and parse_id(about.id).owner == owner
        if event.step == "set_aside" or (is_own and is_late):
            return None
        fault = _NOT_THEIRS if is_own or is_late else _why_not_missed(event, about.id, owner, candidate)
        return fault or await self._duty_fault(village, owner, candidate, chains, before)

    async def _duty_fault(
        self, village: str, owner: str, candidate: Candidate, chains: list[Chain], before: list[AnyEvent]
    ) -> Fault | None:
        """Who did not report what was missed served in the village on that day, and was not suspended."""
        if not await self._is_informant(village, owner):
            return _no_informant(owner)
        day = calendar.epoch_day(candidate.seen_on)
        appointed = [one for one in await self._all_of(village, "appointment") if isinstance(one, Appointment)]
        if owner not in {term.alias for term in serving(terms_of(appointed), day)}:
            return _not_serving_then(owner, candidate.seen_on)
        said = [*await self._all_of(village, "sanction", owner), *before]
        sanctions = [one for one in said if isinstance(one, Sanction) and _is_about(one, owner)]
        is_suspended = any(one.is_suspended_on(day) for one in sanctions_in_force(sanctions, chains))
        return _suspended(owner) if is_suspended else None

    async def _candidate(self, village: str, about: str) -> Candidate | None:
        """What the last night found of a thing."""
        document = await read_document(self._couch, f"{village[: CODE_LENGTHS['township']]}:candidates")
        found = document.found if isinstance(document, Candidates) else ()
        return next((one for one in found if one.village == village and about in (one.about, *one.again)), None)

    async def _answer_fault(
        self, database: str, event: Omission, before: list[AnyEvent], policy: TruthfulnessPolicy
    ) -> Fault | None:
        identity = parse_id(event.about)
        owner = identity.owner or ""
        if event.step == "appealed" and event.author != owner:
            record = await self._staff.find(owner)
            if record is not None and record.is_active:
                zh, en = (
                    "这位信息员的账号在用，由本人申诉。",
                    "The informant has an open account, and appeals in person.",
                )
                return "own_appeal", zh, en
        chains = await self._chains(database, f"{identity.division}:omission:{owner}:", before)
        chain = next((one for one in chains if any(step.id == event.about for step in one.steps)), None)
        return _why_not(event, chain, policy)

    async def _chains(self, database: str, prefix: str, before: Iterable[AnyEvent]) -> list[Chain]:
        """All that was said of informants' reporting in a village, or of one's."""
        rows = await self._couch.range_of(database, prefix, f"{prefix[:-1]};", include_docs=True)
        said = [one for one in (*readable(rows), *before) if isinstance(one, Omission) and one.id.startswith(prefix)]
        return chains_of(step for step in map(omission_step, said) if step is not None)

    async def _all_of(self, division: str, kind: str, owner: str | None = None) -> list[AnyEvent]:
        prefix = f"{division}:{kind}:" if owner is None else f"{division}:{kind}:{owner}:"
        rows = await self._couch.range_of(database_of(division), prefix, f"{prefix[:-1]};", include_docs=True)
        return [one for one in readable(rows) if isinstance(one, AnyEvent)]


def _settled(chains: Iterable[Chain], about: str, owner: str) -> Fault | None:
    """What was withdrawn of one informant may be another's."""
    for chain in chains:
        if chain.about != about or chain.state == "open":
            continue
        if chain.state == "withdrawn":  # of this informant; it may be another's
            if chain.alias != owner:
                continue
            zh = f"对 {owner} 的认定已经申诉撤销，不得再次认定。"
            return "already_settled", zh, f"It was withdrawn of {owner!r} on appeal, and is not said again."
        word, by = ("不予认定", "set aside") if chain.state == "set_aside" else ("认定", "confirmed")
        author = (chain.confirmed or chain.steps[-1]).author
        return "already_settled", f"这一线索已由 {author} {word}。", f"It was {by} by {author!r} already."
    return None


def _why_not_missed(event: Omission, about: str, owner: str, candidate: Candidate) -> Fault | None:
    if parse_id(about).owner == event.author:
        return _OWN_MATTER
    has_known = owner in {parse_id(one).owner for one in candidate.evidence}
    return _NOT_KNOWN if event.finding == "concealed" and not has_known else None


def _is_about(sanction: Sanction, alias: str) -> bool:
    return parse_id(sanction.id).owner == alias


def _suspended(alias: str) -> Fault:
    zh, en = f"{alias} 当天已停岗，不负上报责任。", f"{alias!r} was suspended on that day, and had nothing to report."
    return "suspended_then", zh, en


def _not_serving_then(alias: str, day: date) -> Fault:
    zh = f"{alias} 在 {day} 不是本村在任的信息员，不负上报责任。"
    return "not_serving_then", zh, f"{alias!r} did not serve in this village on {day}, and had nothing to report."


def _not_serving(alias: str) -> Fault:
    return (
        "not_serving",
        f"{alias} 当天不在任，无须解聘。",
        f"{alias!r} does not serve on that day: there is nothing to end.",
    )


def _not_appointed(alias: str) -> Fault:
    return (
        "not_appointed",
        f"{alias} 在培训当天不是本单位所辖村在任的信息员；请核对名单和日期，或先登记聘任。",
        f"{alias!r} held no appointment in this division's villages on the training's day: "
        "check names and day, or enter the appointment first.",
    )


def _no_informant(alias: str) -> Fault:
    return (
        "no_informant",
        f"{alias} 不是本村信息员的账号。",
        f"{alias!r} is no account of an informant of this village.",
    )


def _why_not(event: Omission, chain: Chain | None, policy: TruthfulnessPolicy) -> Fault | None:
    """Why a step is not legal where its chain stands: code, Chinese, English."""
    confirmed = None if chain is None else chain.confirmed
    if chain is None or confirmed is None:
        return "nothing_confirmed", "没有可以申诉或裁定的认定。", "Nothing was confirmed that this could be about."
    if event.step == "appealed":
        return _why_no_appeal(event, chain, confirmed, policy)
    if event.author in {step.author for step in chain.steps if step.step == "confirmed"}:
        return "own_decision", "认定人不能裁定对自己认定的申诉。", "Who confirmed it does not decide on the appeal."
    if chain.state == "appealed" or (event.step == "withdrawn" and chain.state in ("confirmed", "upheld")):
        return None
    return "no_appeal", "没有待裁定的申诉。", "No appeal is open."


def _why_no_appeal(event: Omission, chain: Chain, confirmed: OmissionStep, policy: TruthfulnessPolicy) -> Fault | None:
    if chain.state != "confirmed":
        return "appeal_decided", "这一认定已经申诉过，或已撤销。", "It was appealed before, or withdrawn."
    if calendar.local_day(event.saved_at) - confirmed.day > policy.appeal_days:
        zh = f"申诉期 {policy.appeal_days} 天已过。"
        return "appeal_too_late", zh, f"An appeal is made within {policy.appeal_days} days."
    return None
