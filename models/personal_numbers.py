"""Identity-card and telephone numbers, which belong nowhere outside the staff register (mission, "whom it must never
harm")."""

from __future__ import annotations

import re
from typing import Final

#: Signs that stand for a digit or a gap, one for one, so that places in the text stay what they are.
_AS_ASCII: Final = str.maketrans(
    "０１２３４５６７８９〇零一二三四五六七八九幺ＸｘX－—－‐–　\t\u00a0", "0123456789001234567891xxx-----   "
)
_GAP: Final = r"[ -]?"
_CARD_OF_ONE_PIECE: Final = r"[0-9]{17}[0-9x]"
#: Region, date of birth, order and check sign, perhaps in groups: the date tells it from a row of other numbers.
_CARD_IN_GROUPS: Final = _GAP.join(
    [*["[0-9]"] * 6, rf"(?:1{_GAP}9|2{_GAP}0)", *["[0-9]"] * 2, "[01]", "[0-9]", "[0-3]", *["[0-9]"] * 4, "[0-9x]"]
)
_TELEPHONE: Final = _GAP.join(["1", "[3-9]", *["[0-9]"] * 9])
_NUMBERS: Final = re.compile(rf"(?<![0-9])(?:{_CARD_OF_ONE_PIECE}|{_CARD_IN_GROUPS}|{_TELEPHONE})(?![0-9])")


def has_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number (18 signs) or a mobile number (11 digits): in one piece or in
    groups, in ASCII, full-width or Chinese digits."""
    return _NUMBERS.search(text.translate(_AS_ASCII)) is not None


def mask_personal_numbers(text: str) -> str:
    """The text with such numbers struck out."""
    kept, at = [], 0
    for found in _NUMBERS.finditer(text.translate(_AS_ASCII)):
        kept += [text[at : found.start()], "＊＊＊"]
        at = found.end()
    return "".join([*kept, text[at:]])
