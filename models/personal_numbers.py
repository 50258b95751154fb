"""Identity-card and telephone numbers, which belong nowhere outside the staff register (mission, "whom it must never
harm")."""

from __future__ import annotations

import re
from typing import Final

#: Signs that stand for a digit or a gap, one for one, so that places in the text stay what they are.
_AS_ASCII: Final = str.maketrans(
    "０１２３４５６７８９〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖ＸｘX－—‐–．（）＋　\t\u00a0",
    "0123456789001234567891123456789xxx----.()+   ",
)
_GAP: Final = r"[ .()-]?"
_CARD_OF_ONE_PIECE: Final = r"[0-9]{17}[0-9x]"
#: Region, date of birth, order and check sign, perhaps in groups: the date tells it from a row of other numbers.
_CARD_IN_GROUPS: Final = _GAP.join(
    [*["[0-9]"] * 6, rf"(?:1{_GAP}9|2{_GAP}0)", *["[0-9]"] * 2, "[01]", "[0-9]", "[0-3]", *["[0-9]"] * 4, "[0-9x]"]
)
#: Issued until 1999: a date of birth of two digits a part, and no check sign.
_OLD_CARD: Final = r"[1-9][0-9]{7}[01][0-9][0-3][0-9]{4}"
_MOBILE: Final = r"(?:(?:00|\+)?86" + _GAP + ")?" + _GAP.join(["1", "[3-9]", *["[0-9]"] * 9])
_LANDLINE: Final = r"\(?0[1-9][0-9]{1,2}[ )-]?[2-9][0-9]{6,7}"
_NUMBERS: Final = re.compile(
    rf"(?<![0-9])(?:{_CARD_OF_ONE_PIECE}|{_CARD_IN_GROUPS}|{_OLD_CARD}|{_MOBILE}|{_LANDLINE})(?![0-9])"
)
#: Any of them has ten digits at least, with single gaps: most texts need no closer look.
_DIGITS, _GAPS = (
    "".join(chr(sign) for sign, to in _AS_ASCII.items() if chr(to) in kind) for kind in ("0123456789", ".()- ")
)
_TEN_DIGITS: Final = re.compile(rf"[0-9{_DIGITS}](?:[{re.escape(_GAPS)} .()-]?[0-9{_DIGITS}]){{9}}")


def has_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number (18 signs, 15 until 1999) or a telephone number: in one
    piece or in groups, in ASCII, full-width or Chinese digits."""
    return _TEN_DIGITS.search(text) is not None and _NUMBERS.search(text.translate(_AS_ASCII)) is not None


def mask_personal_numbers(text: str) -> str:
    """The text with such numbers struck out."""
    kept, at = [], 0
    for found in _NUMBERS.finditer(text.translate(_AS_ASCII)):
        kept += [text[at : found.start()], "＊＊＊"]
        at = found.end()
    return "".join([*kept, text[at:]])
