"""What the door asks of events about informants beyond their own words: whose account, and what was said before."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from models import calendar
from models.documents import Appointment, Omission, Sanction
from models.ids import parse_id
from models.truthfulness import Chain, OmissionStep, chains_of, omission_step
from sync_api.access.staff import Staff
from sync_api.couch import Couch
from sync_api.replication.intake import Accepted
from sync_api.replication.refusals import Refusal
from sync_api.stored import readable

if TYPE_CHECKING:
    from models.policy.truthfulness import TruthfulnessPolicy

Judged = Accepted | Refusal


class InformantChecks:
    """Reads accounts and earlier steps as they are in the store."""

    def __init__(self, couch: Couch, staff: Staff) -> None:
        self._couch, self._staff = couch, staff

    async def check(
        self, database: str, judged: Sequence[Judged], known: Container[str], policy: TruthfulnessPolicy
    ) -> list[Judged]:
        """``known``: ids that are stored already; what comes again was judged when it came."""
        return [j if j.document_id in known else await self._check(database, j, policy) for j in judged]

    async def _check(self, database: str, judged: Judged, policy: TruthfulnessPolicy) -> Judged:
        if isinstance(judged, Refusal):
            return judged
        event = judged.event
        if isinstance(event, Appointment):
            return await self._require_account(judged, event.alias, is_open=not event.is_dismissal)
        if isinstance(event, Sanction):
            return await self._check_sanction(database, judged, event, policy)
        if isinstance(event, Omission):
            return await self._check_omission(database, judged, event, policy)
        return judged

    async def _require_account(self, judged: Accepted, alias: str, *, is_open: bool = False) -> Judged:
        """An appointment goes with an account of the village's informants."""
        record = await self._staff.find(alias)
        account = None if record is None or (is_open and not record.is_active) else record.account
        if account is not None and account.role == "informant" and judged.identity.division in account.divisions:
            return judged
        zh, en = f"{alias} 不是本村信息员的账号。", f"{alias!r} is no account of an informant of this village."
        return Refusal(judged.document_id, "no_informant", zh, en)

    async def _check_sanction(
        self, database: str, judged: Accepted, event: Sanction, policy: TruthfulnessPolicy
    ) -> Judged:
        """It is based on what counts when it is made: nobody can appeal any more, or an appeal was turned down."""
        day = calendar.local_day(event.saved_at)
        chains = await self._chains(database, judged.identity.division, judged.identity.owner or "")
        final = {one.counted.id for one in chains if one.counted and one.is_final(day, policy.appeal_days)}
        if final.issuperset(event.omissions):
            return judged
        zh = "所依据的认定尚在申诉期内、正在申诉或已撤销。"
        en = "It is based on what may be appealed still, is appealed, or was withdrawn."
        return Refusal(judged.document_id, "not_counted", zh, en)

    async def _check_omission(
        self, database: str, judged: Accepted, event: Omission, policy: TruthfulnessPolicy
    ) -> Judged:
        if event.step in ("confirmed", "set_aside"):
            if await self._couch.get(database, event.about) is None:
                zh, en = "所指的内容不在库中。", "What it is about is not in the store."
                return Refusal(judged.document_id, "unknown_matter", zh, en)
            owner = judged.identity.owner or ""
            return judged if event.step == "set_aside" else await self._require_account(judged, owner)
        if event.step not in ("appealed", "upheld", "withdrawn"):
            return judged
        identity = parse_id(event.about)
        chains = await self._chains(database, identity.division, identity.owner or "")
        chain = next((one for one in chains if any(step.id == event.about for step in one.steps)), None)
        reason = _why_not(event, chain, policy)
        return judged if reason is None else Refusal(judged.document_id, *reason)

    async def _chains(self, database: str, village: str, alias: str) -> list[Chain]:
        """All that was said of an informant's reporting in a village."""
        prefix = f"{village}:omission:{alias}:"
        rows = await self._couch.range_of(database, prefix, f"{prefix[:-1]};", include_docs=True)
        steps = [omission_step(one) for one in readable(rows) if isinstance(one, Omission)]
        return chains_of(step for step in steps if step is not None)


def _why_not(event: Omission, chain: Chain | None, policy: TruthfulnessPolicy) -> tuple[str, str, str] | None:
    """Why a step is not legal where its chain stands: code, Chinese, English."""
    confirmed = None if chain is None else chain.confirmed
    if chain is None or confirmed is None:
        return "nothing_confirmed", "没有可以申诉或裁定的认定。", "Nothing was confirmed that this could be about."
    if event.step == "appealed":
        return _why_no_appeal(event, chain, confirmed, policy)
    if event.author == confirmed.author:
        return "own_decision", "认定人不能裁定对自己认定的申诉。", "Who confirmed it does not decide on the appeal."
    if chain.state == "appealed" or (event.step == "withdrawn" and chain.state in ("confirmed", "upheld")):
        return None
    return "no_appeal", "没有待裁定的申诉。", "No appeal is open."


def _why_no_appeal(
    event: Omission, chain: Chain, confirmed: OmissionStep, policy: TruthfulnessPolicy
) -> tuple[str, str, str] | None:
    if chain.state != "confirmed":
        return "appeal_decided", "这一认定已经申诉过，或已撤销。", "It was appealed before, or withdrawn."
    if calendar.local_day(event.saved_at) - confirmed.day > policy.appeal_days:
        zh = f"申诉期 {policy.appeal_days} 天已过。"
        return "appeal_too_late", zh, f"An appeal is made within {policy.appeal_days} days."
    return None
