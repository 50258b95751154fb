"""Evaluations and summaries as a night would have left them in the store."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from models.documents import AnyDocument, Component, Evaluation, Reason, Response, Summary, encode
from tests.city import City


def evaluation(village: str, score: float, version: str = "", period: str = "2026H1", **fields: Any) -> Evaluation:
    words: dict[str, Any] = {
        "grade": "weak" if score < 60 else "fair",
        "from_day": date(2026, 1, 1),
        "until_day": date(2026, 6, 30),
        "components": [Component(code="lights", points=score, amount=181.0, evidence=["4.2.1 y31 r3 s0"])],
        "reasons": [Reason(code="score_weak", params=[f"{score:g}", "60"])],
        "response": Response(),
    }
    identity = f"{village}:evaluation:{period}{version}"
    return Evaluation(id=identity, score=score, catalogue="2026.1", policy="2026.2", **words | fields)


def summary(division: str, version: str = "", period: str = "2026H1", **fields: Any) -> Summary:
    words: dict[str, Any] = {
        "mean": 71.5,
        "villages": 30,
        "grades": {"strong": 0, "fair": 29, "weak": 1, "paralysed": 0},
        "marks": {"five_good": 3},
        "response": Response(opened=4, taken_up=2, take_up_days=3, overdue=1),
        "measures": ["criticism"],
        "reasons": [Reason(code="teams_newly_paralysed", params=["1"])],
    }
    return Summary(id=f"{division}:summary:{period}{version}", policy="2026.2", **words | fields)


def store_anew(city: City, *documents: AnyDocument) -> None:
    """Write documents into the store, over what is there."""
    for document in documents:
        path = f"{city.store.url}/d110-{document.id[:6]}/{document.id}"
        known = httpx.get(path)
        params = {"rev": known.json()["_rev"]} if known.status_code == 200 else {}
        headers = {"Content-Type": "application/json"}
        answer = httpx.put(path, params=params, content=encode(document), headers=headers)
        assert answer.status_code == 201, answer.text
