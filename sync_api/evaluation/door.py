"""What the door asks of decisions: that there is what they are about, as it stands, and that nobody has decided yet."""

from __future__ import annotations

from collections.abc import Container, Sequence

from models.documents import Decision, Evaluation, Summary
from models.evaluation.deciding import decision_fault
from models.policy.evaluation import EvaluationPolicy
from sync_api.couch import Couch
from sync_api.replication.intake import Accepted
from sync_api.replication.refusals import Refusal
from sync_api.stored import read_document, readable

Judged = Accepted | Refusal


async def check_decisions(
    couch: Couch, database: str, judged: Sequence[Judged], known: Container[str], policy: EvaluationPolicy
) -> list[Judged]:
    """Each decision beside what the store holds and what came before it. ``known``: ids that are stored already."""
    out: list[Judged] = []
    before: list[Decision] = []
    for one in judged:
        event = one.event if isinstance(one, Accepted) else None
        if isinstance(one, Accepted) and isinstance(event, Decision) and one.document_id not in known:
            fault = await _fault(couch, database, event, before, policy)
            if fault is not None:
                out.append(Refusal(one.document_id, *fault))
                continue
            before.append(event)
        out.append(one)
    return out


async def _fault(
    couch: Couch, database: str, decision: Decision, before: list[Decision], policy: EvaluationPolicy
) -> tuple[str, str, str] | None:
    document = await read_document(couch, decision.about)
    if not isinstance(document, Evaluation | Summary):
        return "unknown_reference", "没有这一考核结果。", "There is no such evaluation."
    prefix = f"{document.id.partition(':')[0]}:decision:"
    rows = await couch.range_of(database, prefix, f"{prefix[:-1]};", include_docs=True)
    stored = [one for one in readable(rows) if isinstance(one, Decision)]
    return decision_fault(decision, document, [*stored, *before], policy)
