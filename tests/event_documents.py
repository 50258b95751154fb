"""Event documents for tests, as a tablet would send them."""

from datetime import date, timedelta
from typing import Any

from models.ids import ulid_lowest

VILLAGE, NEIGHBOUR, OTHER_COUNTY = "371724109217", "371724109218", "371771003022"
DAY_MS = 86_400_000
MARCH_FIRST_MS = 1_772_323_200_000  # 2026-03-01T08:00 in Heze


def instant(day: int) -> str:
    """08:00 in Heze on a day, counted from 2026-03-01."""
    return f"{date(2026, 3, 1) + timedelta(days=day)}T08:00:00+08:00"


def ulid(day: int, number: int = 0) -> str:
    return ulid_lowest(MARCH_FIRST_MS + day * DAY_MS)[:-4] + f"{number:04d}"


def report(
    village: str, day: int, indicator: str = "4.2.1", severity: str = "general", number: int = 0
) -> dict[str, Any]:
    return {
        "_id": f"{village}:report:i0421:{ulid(day, number)}",
        "type": "report",
        "observed_at": instant(day),
        "saved_at": instant(day),
        "indicator": indicator,
        "severity": severity,
        "text": "村务公开栏三个月未更新",
    }


def step(case: dict[str, Any], day: int, name: str, **fields: Any) -> dict[str, Any]:
    village, _, _, case_ulid = case["_id"].split(":")
    return {
        "_id": f"{village}:case:{case_ulid}:{ulid(day, 7)}",
        "type": "case",
        "observed_at": instant(day),
        "saved_at": instant(day),
        "step": name,
        "author": "office",
        **fields,
    }


def visit(village: str, day: int, readings: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return {
        "_id": f"{village}:round:a217:{ulid(day, number)}",
        "type": "round",
        "observed_at": instant(day),
        "saved_at": instant(day),
        "readings": readings,
    }
