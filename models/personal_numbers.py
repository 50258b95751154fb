"""Identity-card and telephone numbers, which belong nowhere outside the staff register (mission, "whom it must never
harm"). The web pages say the same while somebody writes: ``READINGS`` and ``NUMBERS`` are handed to them as they stand
(``sync_api/web/generate_types.py``), so they are written in what regular expressions of Python and JavaScript share.

Numbers of ten digits or more are known by their form. Local ones of seven or eight, which look like any amount, are
telephone numbers only where the words before say so; numbers of passports likewise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

#: Signs of which Unicode says that they are decimal digits: of other scripts, full-width, of the letters that look like
#: print, and like a display. None were added below 0x10000 for long, so the table is the same wherever it is made.
_DECIMAL: Final = {
    code: str(digit)
    for code in (*range(0x80, 0x10000), *range(0x1D7CE, 0x1D800), *range(0x1FBF0, 0x1FBFA))
    if (digit := unicodedata.decimal(chr(code), None)) is not None
}
#: Other rows of signs that stand for the digits from 0, or from 1, on.
_ROWS_FROM_0: Final = (
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "○壱貳參肆伍陸柒捌玖",
    "◯弌弍叄",
    "零壹贰参",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "₀₁₂₃₄₅₆₇₈₉",
    "⓿⓵⓶⓷⓸⓹⓺⓻⓼⓽",
)
_ROWS_FROM_1: Final = ("幺", "❶❷❸❹❺❻❼❽❾", "➀➁➂➃➄➅➆➇➈", "➊➋➌➍➎➏➐➑➒", "⑴⑵⑶⑷⑸⑹⑺⑻⑼", "⒈⒉⒊⒋⒌⒍⒎⒏⒐")
_WRITTEN: Final = {
    **{ord(sign): str(at) for row in _ROWS_FROM_0 for at, sign in enumerate(row)},
    **{ord(sign): str(at) for row in _ROWS_FROM_1 for at, sign in enumerate(row, 1)},
}
#: Digits as they are spoken over a line, and letters that look like digits.
_SPOKEN: Final = {ord(sign): digit for sign, digit in zip("洞两兩拐勾IlOo", "022791100", strict=True)}
_AS_ASCII: Final = {**_DECIMAL, **dict.fromkeys(map(ord, "ＸｘX"), "x"), ord("＋"): "+"}
#: A text is read three times, since 一 before a number may be its first digit or a word. One sign for one, so that
#: places in the text stay what they are.
READINGS: Final = (_AS_ASCII, _AS_ASCII | _WRITTEN, _AS_ASCII | _WRITTEN | _SPOKEN)

#: Signs that stand between the digits of one number, wherever, one at a time.
_GAPS: Final = " .()（）－—‐‑–−．\t\u00a0\u3000-"
#: What parts the pieces of a number, seen or unseen, however many of them: all spaces, punctuation, brackets, line ends
#: and symbols, keycaps and emoji; none that say what a number counts (%, ‰, ¥, $, °, ′, ℃), and no other digits.
_SIGNS: Final = (
    r"\u0001-\u0023\u0026-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a1\u00a6-\u00af\u00b1\u00b4\u00b6-\u00b8\u00bb"
    r"\u00bf\u00d7\u00f7\u0300-\u036f\u2000-\u202f\u2035-\u206f\u20d0-\u20ff\u2190-\u245f\u2500-\u2775\u2794-\u2bff"
    r"\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30fb\ufe00-\ufe68\ufeff\uff01-\uff03\uff06-\uff0f\uff1a-\uff20"
    r"\uff3b-\uff40\uff5b-\uff65\uffe2-\uffe4\uffe8-\ufffd"
    "\U0001f000-\U0001faff"
)
#: What parts the numbers of a list.
_LISTS: Final = frozenset(",，、")
#: What parts hours and minutes.
_OF_TIMES: Final = frozenset(":：")


def _any_of(signs: str) -> str:
    return "[" + "".join(f"\\u{ord(sign):04x}" for sign in signs) + "]"


_GAP: Final = _any_of(_GAPS) + "?"
_BREAK: Final = f"[{_SIGNS}]+"
_ANY_BREAK: Final = f"[{_SIGNS}]*"


def _in_pieces(*lengths: int) -> str:
    return _BREAK.join(f"[0-9]{{{length}}}" for length in lengths)


_CARD_OF_ONE_PIECE: Final = r"[0-9]{17}[0-9x]"
#: Region, date of birth, order and check sign, perhaps in groups: the date tells it from a row of other numbers.
_CARD_IN_GROUPS: Final = _ANY_BREAK.join(
    [
        *["[0-9]"] * 6,
        f"(?:1{_ANY_BREAK}9|2{_ANY_BREAK}0)",
        *["[0-9]"] * 2,
        f"(?:0{_ANY_BREAK}[1-9]|1{_ANY_BREAK}[0-2])",
        f"(?:0{_ANY_BREAK}[1-9]|[12]{_ANY_BREAK}[0-9]|3{_ANY_BREAK}[01])",
        *["[0-9]"] * 3,
        "[0-9x]",
    ]
)
#: Issued until 1999: a date of birth of two digits a part, and no check sign.
_OLD_CARD: Final = r"[1-9][0-9]{7}[01][0-9][0-3][0-9]{4}"
_MOBILE: Final = r"(?:(?:00|\+)?86" + _GAP + ")?" + _GAP.join(["1", "[3-9]", *["[0-9]"] * 9])
#: Eleven digits in the pieces that people say them in; any other row of numbers is one of numbers.
_PIECES: Final = ((3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (3, 3, 3, 2), (4, 4, 3), (3, 2, 2, 2, 2), (1,) * 11)
#: Amounts that are added or listed, measures, and the year in the number of a paper, which look like such pieces.
_COUNTED: Final = (
    r"(?:[1-9][0-9]*(?:\s?[+×*xX、]\s?[1-9][0-9]*)+\s{0,2}(?:[=元块万亿亩米吨]|毫米|厘米|公[里斤顷]|mm|cm)"
    r"|[0-9]+[〔(（\[]20[0-9]{2}[〕)）\]])"
)
_MOBILE_IN_PIECES: Final = (
    rf"(?=1{_ANY_BREAK}[3-9])(?!{_COUNTED})(?:{'|'.join(_in_pieces(*lengths) for lengths in _PIECES)})"
)
_LANDLINE: Final = (
    rf"(?:[(（]?0|(?:00|\+)86{_ANY_BREAK})[1-9][0-9]{{1,2}}{_ANY_BREAK}"
    rf"[2-9](?:[0-9]{{6,7}}|[0-9]{{2,3}}{_BREAK}[0-9]{{4}})"
)
_DASH: Final = _any_of("-－—‐‑–−")
#: What says that a number counts something.
_UNIT: Final = r"\s{0,2}(?:[元块万亿千百亩平㎡米户次斤吨件台部份度%％]|公[里斤顷]|人次|立方|[个条]|年度?|kg|km|\.[0-9])"
#: Numbers of companies that are called from everywhere (400, 800); of contracts and accounts there are such, too.
_SERVICE: Final = (
    r"(?<![号码账户卡证第№])(?<![号码账户卡证第№][:：为是 ])"
    rf"[48]00(?:[0-9]{{7}}|{_DASH}[0-9]{{3}}{_DASH}[0-9]{{4}}|{_DASH}[0-9]{{4}}{_DASH}[0-9]{{3}})(?!{_UNIT})"
)
_PHONE_NOUN: Final = "(?:电话|手机|座机|固话|传真|小灵通)"
_PHONE_WORD: Final = (
    rf"(?:{_PHONE_NOUN}|热线|联系|值班室|[来去致]电|拨打?|打|[Tt][Ee][Ll](?:ephone)?|TELEPHONE"
    r"|[Pp][Hh][Oo][Nn][Ee]|[Mm]obile|[Cc]all|[Ff][Aa][Xx])"
)
_NAMES: Final = r"[\u4e00-\u9fff]{2,4}(?:[、和及][\u4e00-\u9fff]{2,4})?"
#: What stands between the word and the number, whose it is among it: in brackets, after a colon, or after 联系人.
_ADDED_WORD: Final = rf"(?:人{_NAMES}|[人号码是为家里]|方式|本人|办公室?|[改换][为成]|[:：(（]\s?{_NAMES})"
#: Seven digits, or eight that begin as no year does, perhaps in groups.
_LOCAL: Final = (
    rf"(?!20[0-4][0-9]{_GAP}{_GAP}{_GAP}[0-9]{{4}}|20[0-4][0-9]{_GAP}[0-9]{{1,2}}{_GAP}[0-9])"
    rf"[2-9](?:(?:{_GAP}){{3}}[0-9]){{6,7}}(?![0-9])(?!{_UNIT})"
)
_LOCAL_OR_SERVICE: Final = rf"(?:[48]00 ?[0-9]{{3,4}} ?[0-9]{{3,4}}(?![0-9])(?!{_UNIT})|{_LOCAL})"
_AFTER_WORD: Final = (
    rf"{_PHONE_WORD}(?:{_ANY_BREAK}{_ADDED_WORD}){{0,3}}{_ANY_BREAK}"
    rf"(?P<local>{_LOCAL_OR_SERVICE}(?:[、,，/;；和或及\s]{{1,2}}{_LOCAL_OR_SERVICE})*)"
)
#: The word may stand behind it, in brackets.
_BEFORE_WORD: Final = rf"(?P<before>{_LOCAL}(?={_ANY_BREAK}[(（\[【]{_PHONE_NOUN}[号码]{{0,2}}[)）\]】]))"
_PASSPORT: Final = (
    rf"(?:护照|通行证|[Pp]assport)(?:{_ANY_BREAK}[号码是为]){{0,3}}{_ANY_BREAK}"
    r"(?P<passport>[A-Za-z]{1,2}[0-9]{7,8})"
)
#: All of them; of a match the number itself is the group that took part.
NUMBERS: Final = (
    rf"(?<![0-9])(?:(?P<card>{_CARD_OF_ONE_PIECE}|{_CARD_IN_GROUPS}|{_OLD_CARD})"
    rf"|(?P<phone>{_MOBILE}|{_MOBILE_IN_PIECES}|{_LANDLINE}|{_SERVICE})"
    rf"|{_AFTER_WORD}|{_BEFORE_WORD}|{_PASSPORT})(?![0-9])"
)
_NUMBERS: Final = re.compile(NUMBERS)
#: Any of them has seven digits at least: most texts need no closer look.
_ANY_DIGIT: Final = rf"[\d{''.join(map(chr, (_WRITTEN | _SPOKEN)))}]"
_SEVEN_DIGITS: Final = re.compile(rf"{_ANY_DIGIT}(?:{_ANY_BREAK}{_ANY_DIGIT}){{6}}")
_PARTS: Final = re.compile(r"([0-9x]+)")


def has_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number (18 signs, 15 until 1999), a telephone number or, where it says
    so, that of a passport: in one piece or in groups, whatever parts them but a sign of what is counted, in ASCII,
    full-width, Chinese, traditional or other digits."""
    return _SEVEN_DIGITS.search(text) is not None and next(_found_in(text), None) is not None


def mask_personal_numbers(text: str) -> str:
    """The text with such numbers struck out."""
    kept, at = [], 0
    for start, end in _found_in(text):
        kept += [text[at:start], "＊＊＊"]
        at = end
    return "".join([*kept, text[at:]])


def _found_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the numbers begin and end, in turn."""
    readings, at = [text.translate(signs) for signs in READINGS], 0
    while spans := [span for reading in readings if (span := _next_in(reading, at)) is not None]:
        start, at = min(spans)
        yield start, at


def _next_in(reading: str, at: int) -> tuple[int, int] | None:
    while (found := _NUMBERS.search(reading, at)) is not None:
        span = found.span(found.lastgroup or 0)
        if _is_one_number(reading[slice(*span)]):
            return span
        at = found.start() + 1
    return None


def _is_one_number(found: str) -> bool:
    """Whether what looks like a number is one, and no row of small ones, such as indicators (``1.3.5、1.4.2``): it has
    a piece of three digits, or pieces of one or two that are parted alike, and not as the numbers of a list are. Days
    with their times are none (``27 08:30，2026-11-27 17:45``)."""
    parts = _PARTS.split(found)
    lengths = [len(piece) for piece in parts[1::2]]
    breaks = {"".join(sorted({*between} - {" "})) for between in parts[2:-1:2]}
    if len(breaks) > 1 and breaks & _OF_TIMES:
        return False
    if max(lengths) >= 3:
        return True
    return len(set(lengths[:-1])) == 1 and len(breaks) == 1 and not breaks & _LISTS
