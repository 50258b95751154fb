"""Verdicts at the door: on a village that is, or was lately, watched, kept where those in the village do not see it."""

from __future__ import annotations

from models.documents import Risk, Verdict
from models.early_warning.verdicts import times_watched
from models.ids import CODE_LENGTHS, DocumentId
from sync_api.couch import Couch
from sync_api.stored import read_document

Fault = tuple[str, str, str]
_NOT_ITS_TOWNSHIP: Fault = (
    "not_its_township",
    "研判意见应记在该村所属乡镇名下。",
    "A verdict is kept under the village's township.",
)
_NOT_WATCHED: Fault = (
    "not_watched",
    "这个村不在关注名单上，近来也没有列入过。",
    "The village is not watched, nor was it lately.",
)


async def verdict_fault(couch: Couch, event: Verdict, identity: DocumentId) -> Fault | None:
    """Code and reason, Chinese and English, why a verdict is not one; None if it is."""
    if identity.division != event.village[: CODE_LENGTHS["township"]]:
        return _NOT_ITS_TOWNSHIP
    document = await read_document(couch, f"{identity.division}:risk")
    if not isinstance(document, Risk):
        return _NOT_WATCHED
    times = times_watched(document, event.village)
    return None if times and event.since in (None, *times) else _NOT_WATCHED
