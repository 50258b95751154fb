"""Who has to acknowledge a paper, and who has."""

from __future__ import annotations

from collections.abc import Iterable

from models.documents import Acknowledgement, Notice, Receiver
from models.ids import parse_id


def receiver_of(notice: Notice, division: str, department: str | None) -> Receiver | None:
    """The receiver that an account of a division, or of a department of it, speaks for."""
    return next((r for r in notice.receivers if (r.division, r.department) == (division, department)), None)


def acknowledged(notice: Notice, words: Iterable[Acknowledgement]) -> list[Acknowledgement | None]:
    """The first word of each receiver, in their order; None while one is waited for."""
    by_receiver: dict[tuple[str, str | None], Acknowledgement] = {}
    for word in sorted(words, key=lambda w: (w.observed_at, w.id), reverse=True):
        if word.notice == notice.id:
            by_receiver[parse_id(word.id).division, word.department] = word
    return [by_receiver.get((r.division, r.department)) for r in notice.receivers]
