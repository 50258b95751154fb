"""Identity-card and telephone numbers, which belong nowhere outside the staff register (mission, "whom it must never
harm"). ``sync_api/web/tablet/personal.ts`` says the same while somebody writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: Rows of signs that stand for the digits from 0, or from 1, on: full-width, circled, raised, and of the letters that
#: look like print.
_ROWS_FROM_0: Final = (
    "０１２３４５６７８９",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
)
_ROWS_FROM_1: Final = ("幺", "❶❷❸❹❺❻❼❽❾", "➀➁➂➃➄➅➆➇➈", "⑴⑵⑶⑷⑸⑹⑺⑻⑼", "⒈⒉⒊⒋⒌⒍⒎⒏⒐")
_MATHEMATICAL: Final = range(0x1D7CE, 0x1D800)
_DIGITS: Final = {
    **{ord(sign): str(at) for row in _ROWS_FROM_0 for at, sign in enumerate(row)},
    **{ord(sign): str(at) for row in _ROWS_FROM_1 for at, sign in enumerate(row, 1)},
    **{code: str(at % 10) for at, code in enumerate(_MATHEMATICAL)},
}
#: One for one, so that places in the text stay what they are.
_AS_ASCII: Final = str.maketrans({**_DIGITS, **dict.fromkeys(map(ord, "ＸｘX"), "x"), ord("＋"): "+"})
#: Signs that stand between the digits of one number, wherever; and those that part its pieces, seen or unseen, but
#: other numbers as well.
_GAPS: Final = " .()（）－—‐‑–−．\t\u00a0\u3000-"
_BREAKS: Final = ",/_:;|~*·•・…，、。／：；＿～｜＊\"“”'\r\n\u00ad\u2002\u2003\u2009\u200b\u200c\u200d\u2060\ufeff"
#: What parts the numbers of a list.
_LISTS: Final = frozenset(",，、")

_GAP: Final = f"[{re.escape(_GAPS)}]?"
_BREAK_SIGN: Final = f"[{re.escape(_GAPS + _BREAKS)}]"
_BREAK: Final = _BREAK_SIGN + "{1,3}"
_ANY_BREAK: Final = _BREAK_SIGN + "{0,3}"


def _in_pieces(*lengths: int) -> str:
    return _BREAK.join(f"[0-9]{{{length}}}" for length in lengths)


_CARD_OF_ONE_PIECE: Final = r"[0-9]{17}[0-9x]"
#: Region, date of birth, order and check sign, perhaps in groups: the date tells it from a row of other numbers.
_CARD_IN_GROUPS: Final = _ANY_BREAK.join(
    [
        *["[0-9]"] * 6,
        f"(?:1{_ANY_BREAK}9|2{_ANY_BREAK}0)",
        *["[0-9]"] * 2,
        *("[01]", "[0-9]", "[0-3]"),
        *["[0-9]"] * 4,
        "[0-9x]",
    ]
)
#: Issued until 1999: a date of birth of two digits a part, and no check sign.
_OLD_CARD: Final = r"[1-9][0-9]{7}[01][0-9][0-3][0-9]{4}"
_MOBILE: Final = r"(?:(?:00|\+)?86" + _GAP + ")?" + _GAP.join(["1", "[3-9]", *["[0-9]"] * 9])
#: Eleven digits in the pieces that people say them in; any other row of numbers is one of numbers.
_PIECES: Final = ((3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (3, 3, 3, 2), (4, 4, 3), (3, 2, 2, 2, 2), (1,) * 11)
_MOBILE_IN_PIECES: Final = rf"(?=1{_ANY_BREAK}[3-9])(?:{'|'.join(_in_pieces(*lengths) for lengths in _PIECES)})"
_LANDLINE: Final = rf"[(（]?0[1-9][0-9]{{1,2}}{_ANY_BREAK}[2-9](?:[0-9]{{6,7}}|[0-9]{{2,3}}{_BREAK}[0-9]{{4}})"
_NUMBERS: Final = re.compile(
    rf"(?<![0-9])(?:{_CARD_OF_ONE_PIECE}|{_CARD_IN_GROUPS}|{_OLD_CARD}|{_MOBILE}|{_MOBILE_IN_PIECES}|{_LANDLINE})(?![0-9])"
)
#: Any of them has ten digits at least: most texts need no closer look. A class of few signs and ranges is a quick one.
_FEW: Final = "".join(chr(code) for code in _DIGITS if code not in _MATHEMATICAL)
_ANY_DIGIT: Final = f"[0-9{_FEW}{chr(_MATHEMATICAL[0])}-{chr(_MATHEMATICAL[-1])}]"
_TEN_DIGITS: Final = re.compile(rf"{_ANY_DIGIT}(?:{_ANY_BREAK}{_ANY_DIGIT}){{9}}")
_PARTS: Final = re.compile(r"([0-9x]+)")


def has_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number (18 signs, 15 until 1999) or a telephone number: in one
    piece or in groups, whatever parts them, in ASCII, full-width, Chinese or any other digits."""
    return _TEN_DIGITS.search(text) is not None and next(_found_in(text), None) is not None


def mask_personal_numbers(text: str) -> str:
    """The text with such numbers struck out."""
    kept, at = [], 0
    for found in _found_in(text):
        kept += [text[at : found.start()], "＊＊＊"]
        at = found.end()
    return "".join([*kept, text[at:]])


def _found_in(text: str) -> Iterator[re.Match[str]]:
    plain, at = text.translate(_AS_ASCII), 0
    while (found := _NUMBERS.search(plain, at)) is not None:
        is_one = _is_one_number(found[0])
        at = found.end() if is_one else found.start() + 1
        if is_one:
            yield found


def _is_one_number(found: str) -> bool:
    """Whether what looks like a number is one, and no row of small ones, such as indicators (``1.3.5、1.4.2``): it has
    a piece of three digits, or pieces of one or two that are parted alike, and not as the numbers of a list are."""
    parts = _PARTS.split(found)
    lengths = [len(piece) for piece in parts[1::2]]
    if max(lengths) >= 3:
        return True
    breaks = set(parts[2:-1:2])
    return len(set(lengths[:-1])) == 1 and len(breaks) == 1 and not breaks & _LISTS
