"""Identity-card and telephone numbers, which belong nowhere outside the staff register (mission, "whom it must never
harm")."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DIGIT: Final = "[0-9０-９]"
_GAP: Final = "[ -]?"
_NUMBERS: Final = re.compile(
    rf"(?<!{_DIGIT})(?:{_DIGIT}{{17}}[0-9０-９XxＸｘ]|[1１][3-9３-９]{_DIGIT}(?:{_GAP}{_DIGIT}){{8}})(?!{_DIGIT})"
)


def has_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number (18 signs) or a mobile number (11 digits, perhaps in groups)."""
    return _NUMBERS.search(unicodedata.normalize("NFKC", text)) is not None or _NUMBERS.search(text) is not None


def mask_personal_numbers(text: str) -> str:
    """The text with such numbers struck out."""
    return _NUMBERS.sub("＊＊＊", text)
