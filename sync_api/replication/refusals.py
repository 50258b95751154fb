"""Why a document is not taken."""

from __future__ import annotations

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """Why a document is not taken. ``document_id`` is empty where it has none."""

    document_id: str
    code: str
    zh: str
    en: str

    @property
    def reason(self) -> str:
        return f"{self.zh} / {self.en}"


class Refused(Exception):
    """Raised by the first check that fails."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.zh, self.en = code, zh, en
