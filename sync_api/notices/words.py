"""The register of papers as a file, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models import terms
from models.calendar import LOCAL
from models.divisions import Register
from sync_api.casework.views import place_words
from sync_api.notices.views import NoticeRow, ReceiverView
from sync_api.sheets import Cell, Language

REGISTER_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("文号", "Number"),
    ("文种", "Kind"),
    ("标题", "Title"),
    ("签发单位", "Issued by"),
    ("签发单位代码", "Code of the issuer"),
    ("村", "Village"),
    ("村代码", "Code of the village"),
    ("签发时间", "Issued at"),
    ("受文单位及签收时间", "Receivers and when they acknowledged"),
    ("要求", "Asked"),
    ("答复期限", "Answer due"),
    ("答复时间", "Answered at"),
    ("逾期", "Overdue"),
    ("撤回时间", "Withdrawn at"),
    ("撤回原因", "Withdrawn because"),
    ("事项编号", "Case"),
)


def register_row(number: int, row: NoticeRow, register: Register, language: Language) -> list[Cell]:
    """One line of the register, in the order of ``REGISTER_COLUMNS``."""
    is_en = language == "en"
    yes, issuer = "yes" if is_en else "是", row.id.partition(":")[0]
    return [
        number,
        row.number,
        row.paper if is_en else terms.PAPERS[row.paper],
        row.title,
        *(place_words(register, issuer), issuer),
        *(place_words(register, row.village) if row.village else None, row.village),
        row.issued_at,
        "；".join(_said(receiver, is_en) for receiver in row.receivers),
        "\n".join(row.asked),
        row.due,
        row.answered_at,
        yes if row.is_overdue else "",
        row.withdrawn_at,
        row.withdrawn_because,
        row.case,
    ]


def _said(receiver: ReceiverView, is_en: bool) -> str:
    at = receiver.acknowledged_at
    if at is None:
        return f"{receiver.name} {'not acknowledged' if is_en else '未签收'}"
    return f"{receiver.name} {at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
