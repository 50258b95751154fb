"""The columns of exported lists, in Chinese and English (ledger columns: published ledger forms of offices)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from models import terms
from models.catalogue import Catalogue, Category, Indicator, Item
from models.divisions import Register
from models.setup import Setup
from sync_api.casework import cells
from sync_api.casework.book import Matter
from sync_api.casework.lists import Filter, Task
from sync_api.casework.views import CaseView, place_of, place_words
from sync_api.notices.views import NoticeRow
from sync_api.sheets import Asked, Cell, Language, period

TASKS: Final[dict[Task, tuple[str, str]]] = {
    "asked": ("请接办", "to take over"),
    "own": ("本单位承办", "in charge"),
    "vacant": ("承办单位没有账号", "its office has no account"),
    "review": ("待复查", "to review"),
    "told": ("请阅知", "to be seen"),
}
PAPER_TASKS: Final[dict[str, tuple[str, str]]] = {
    "acknowledge": ("待签收文件", "paper to acknowledge"),
    "answer": ("待答复文件", "paper to answer"),
    "withdrawn": ("已撤回文件", "paper that was withdrawn"),
}
LEDGER_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("代码", "Code"),
    ("指标", "Indicator"),
    ("渠道", "Channel"),
    ("发现时间", "Observed at"),
    ("保存时间", "Saved at"),
    ("同步时间", "Received at"),
    ("事由摘要", "Matter"),
    ("严重程度", "Severity"),
    ("状态", "Stage"),
    ("首问单位", "First asked"),
    ("承办单位", "Owner"),
    ("协办部门", "Departments"),
    ("要求", "Asked"),
    ("文号", "Papers"),
    ("受理日期", "Taken up on"),
    ("时限", "Due"),
    ("逾期", "Overdue"),
    ("延期及理由", "Put off, and why"),
    ("办理经过", "Course"),
    ("所查", "Found"),
    ("所办", "Done"),
    ("答复时间", "Answered at"),
    ("核实人", "Verified by"),
    ("复查意见", "Reviews"),
    ("灯色变化", "Lights"),
    ("反弹", "Relapse"),
    ("销号日期", "Cleared on"),
    ("附件号", "Attachments"),
    ("事项编号", "Case"),
)
DEBT_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("单位", "Office"),
    ("代码", "Code"),
    ("未了结", "Open"),
    ("红灯", "Red"),
    ("逾期", "Overdue"),
    ("最近限期", "Next deadline"),
)
MONTH_COLUMNS: Final[Sequence[tuple[str, str]]] = (("月份", "Month"), ("立项", "Opened"), ("撤销", "Cleared"))
SERVICE_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("时间", "At"),
    ("单位", "Division"),
    ("代码", "Code"),
    ("项目", "Topic"),
    ("数量", "Amount"),
    ("计量单位", "Unit"),
    ("地点", "Place"),
    ("说明", "Text"),
)


class LedgerLine(msgspec.Struct, frozen=True):
    """A case with all that its line in the ledger says. ``papers``: those about it that the reader may read."""

    matter: Matter
    view: CaseView
    papers: Sequence[NoticeRow]
    received_at: datetime | None
    replied_at: datetime | None
    today: int


def asked_of(wanted: Filter, setup: Setup) -> Iterator[Asked]:
    """Each thing that the ledger is narrowed to, but for the division, as the page says it."""
    catalogue = setup.rulebook.catalogue
    if wanted.is_open is not None:
        words = ("未了结", "open") if wanted.is_open else ("已撤销", "cleared")
        yield Asked(words, words[1])
    if wanted.is_overdue:
        yield Asked(("已逾期", "overdue"), "overdue")
    if wanted.is_relapse:
        yield Asked(("反弹", "relapse"), "relapse")
    if wanted.is_red:
        yield Asked(("红灯", "red"), "red")
    if wanted.is_untaken:
        yield Asked(("到期无人受理", "taken up by nobody in time"), "untaken")
    if wanted.severity is not None:
        yield Asked((terms.SEVERITIES[wanted.severity], wanted.severity), wanted.severity)
    if (code := wanted.indicator) is not None:
        parts: list[Category | Item | Indicator] = [*catalogue.categories, *catalogue.items, *catalogue.indicators]
        named = next(((one.name_zh, one.name_en) for one in parts if one.code == code), ("", ""))
        yield Asked((f"{code} {named[0]}".strip(), f"{code} {named[1]}".strip()), code)
    if wanted.channel is not None:
        yield Asked((terms.CHANNELS[wanted.channel], wanted.channel.replace("_", " ")), wanted.channel)
    if (owes := wanted.owed_by) is not None:
        name = place_words(setup.register, owes)
        yield Asked((f"{name}应办", f"owed by {name}"), owes)
    yield from period(wanted.since, wanted.until, "立项", "opened")
    yield from period(wanted.cleared_since, wanted.cleared_until, "撤销", "cleared")
    yield from (Asked((f"含“{word}”", f"with “{word}”"), word) for word in wanted.words)


def ledger_row(number: int, line: LedgerLine, catalogue: Catalogue, language: Language) -> list[Cell]:
    """One line of the ledger, in the order of ``LEDGER_COLUMNS``."""
    view = line.view
    county, township, village = [*view.place, "", "", ""][:3]
    return [
        number,
        county,
        township,
        village,
        view.village,
        _indicator(view.indicator, catalogue, language),
        "" if view.channel is None else _said(terms.CHANNELS, view.channel, language),
        view.observed_at,
        view.saved_at,
        line.received_at,
        view.text,
        _said(terms.SEVERITIES, view.severity, language),
        _said(terms.STAGES, view.stage, language),
        view.first_asked_name,
        view.owner_name,
        "、".join(view.departments),
        cells.asked(line.matter, line.papers, language),
        "\n".join(paper.number for paper in reversed(line.papers)),
        view.taken_up_on,
        view.due,
        _yes(view.is_overdue, language),
        cells.extensions(line.matter, line.papers, language),
        cells.steps(line.matter, line.papers, language),
        view.found,
        view.done,
        line.replied_at,
        view.verified_by,
        cells.reviews(line.matter, language),
        cells.lights(line.matter, line.today, language),
        _yes(view.is_relapse, language),
        view.cleared_on,
        cells.attachments(line.matter),
        view.case,
    ]


def paper_row(
    number: int, paper: NoticeRow, register: Register, catalogue: Catalogue, language: Language
) -> list[Cell]:
    """A paper that waits, in the columns of the ledger (``LEDGER_COLUMNS``) that say something of it."""
    place = place_of(register, paper.village) if paper.village else []
    said: dict[str, Cell] = {
        "No.": number,
        **dict(zip(("County", "Township", "Village"), place, strict=False)),
        "Code": paper.village,
        "Indicator": _indicator(paper.indicator, catalogue, language) if paper.indicator else "",
        "Observed at": paper.issued_at,
        "Matter": paper.title,
        "Asked": "\n".join(paper.asked),
        "Papers": paper.number,
        "Due": paper.due,
        "Overdue": _yes(paper.is_overdue, language),
        "Case": paper.case,
    }
    return [said.get(name) for _, name in LEDGER_COLUMNS]


def _indicator(code: str, catalogue: Catalogue, language: Language) -> str:
    at = catalogue.index.get(code)
    if at is None:
        return code
    indicator = catalogue.indicators[at]
    return f"{code} {indicator.name_en if language == 'en' else indicator.name_zh}"


def _said(words: Mapping[str, str], key: str, language: Language) -> str:
    return key.replace("_", " ") if language == "en" else words[key]


def _yes(is_so: bool, language: Language) -> str:
    return ("yes" if language == "en" else "是") if is_so else ""
