"""The columns of exported lists, in Chinese and English (ledger columns: published ledger forms of offices)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from models import terms
from models.catalogue import Catalogue
from sync_api.casework.lists import Task
from sync_api.casework.views import CaseView
from sync_api.sheets import Cell, Language

TASKS: Final[dict[Task, tuple[str, str]]] = {
    "asked": ("请接办", "to take over"),
    "own": ("本单位承办", "in charge"),
    "review": ("待复查", "to review"),
}
LEDGER_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("指标", "Indicator"),
    ("发现时间", "Observed at"),
    ("保存时间", "Saved at"),
    ("渠道", "Channel"),
    ("事由摘要", "Matter"),
    ("严重程度", "Severity"),
    ("状态", "Stage"),
    ("承办单位", "Owner"),
    ("协办部门", "Departments"),
    ("受理日期", "Taken up on"),
    ("时限", "Due"),
    ("逾期", "Overdue"),
    ("反弹", "Relapse"),
    ("所查", "Found"),
    ("所办", "Done"),
    ("核实人", "Verified by"),
    ("销号日期", "Cleared on"),
    ("事项编号", "Case"),
)
SERVICE_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("序号", "No."),
    ("时间", "At"),
    ("单位", "Division"),
    ("项目", "Topic"),
    ("数量", "Amount"),
    ("计量单位", "Unit"),
    ("地点", "Place"),
    ("说明", "Text"),
)


def ledger_row(number: int, view: CaseView, catalogue: Catalogue, language: Language) -> list[Cell]:
    """One line of the ledger, in the order of ``LEDGER_COLUMNS``."""
    county, township, village = [*view.place, "", "", ""][:3]
    return [
        number,
        county,
        township,
        village,
        _indicator(view.indicator, catalogue, language),
        view.observed_at,
        view.saved_at,
        "" if view.channel is None else _said(terms.CHANNELS, view.channel, language),
        view.text,
        _said(terms.SEVERITIES, view.severity, language),
        _said(terms.STAGES, view.stage, language),
        view.owner_name,
        "、".join(view.departments),
        view.taken_up_on,
        view.due,
        _yes(view.is_overdue, language),
        _yes(view.is_relapse, language),
        view.found,
        view.done,
        view.verified_by,
        view.cleared_on,
        view.case,
    ]


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
