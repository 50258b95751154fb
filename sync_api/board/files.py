"""The lamps of a division as a file: its villages and their lights, or of one village its lamps and open cases."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from models import terms
from models.catalogue import Category, Item
from models.divisions import Division, Register
from models.documents import OpenCase
from models.ids import CODE_LENGTHS
from models.lights import LETTERS
from models.notices.offices import short_name
from models.setup import Setup
from sync_api.board.routes import provide_division, require_loaded
from sync_api.early_warning.routes import risk_documents
from sync_api.errors import Forbidden
from sync_api.parts import Parts, SessionRequest, requires_session
from sync_api.sheets import About, Asked, Cell, Format, Language, sheet

#: A lamp's word, and the colour of its cell; as pages have them.
LIGHTS: Final = {
    "g": ("正常", "in order", "#d9efe0"),
    "s": ("未报", "silent", "#e6dfc8"),
    "y": ("警示", "warning", "#ffe28a"),
    "r": ("急需治理", "needs action", "#f4a3a3"),
}
_OF_VILLAGES: Final[Sequence[tuple[str, str]]] = (
    ("县区", "County"),
    ("乡镇", "Township"),
    ("村", "Village"),
    ("代码", "Code"),
    ("红灯", "Red"),
    ("黄灯", "Yellow"),
    ("未报", "Silent"),
)
_OF_LAMPS: Final[Sequence[tuple[str, str]]] = (
    ("类", "Category"),
    ("项", "Item"),
    ("编号", "Code"),
    ("指标", "Indicator"),
    ("灯", "Light"),
    ("未了结事项", "Open case"),
    ("发现于", "Found on"),
    ("限期", "Due"),
    ("逾期", "Overdue"),
)


class Wanted(msgspec.Struct, frozen=True):
    """Which villages and which lamps, as the page's address has it."""

    light: str = ""
    of: str = ""
    name: str = ""
    within: tuple[str, ...] = ()
    is_watched: bool = False
    is_worst_first: bool = False

    def lamps(self, setup: Setup) -> list[int]:
        """The positions of a category's, an item's, or of all lamps."""
        codes = [one.code for one in setup.rulebook.catalogue.indicators]
        found = [at for at, code in enumerate(codes) if not self.of or code.startswith(f"{self.of}.")]
        return found or list(range(len(codes)))

    def takes(self, village: str, register: Register) -> bool:
        if self.within and not village.startswith(self.within):
            return False
        township = register.divisions[village[: CODE_LENGTHS["township"]]]
        name = f"{short_name(township.name)} {short_name(register.divisions[village].name)}"
        return self.name in name

    def asked(self, setup: Setup) -> Iterator[Asked]:
        """Each thing that is asked, as the page says it."""
        catalogue, divisions = setup.rulebook.catalogue, setup.register.divisions
        parts: list[Category | Item] = [*catalogue.categories, *catalogue.items]
        if self.light in LIGHTS:
            zh, en, _ = LIGHTS[self.light]
            yield Asked((f"有“{zh}”灯的村", f"with a lamp “{en}”"), self.light)
        for one in parts:
            if one.code == self.of:
                yield Asked((f"{one.code} {one.name_zh}", f"{one.code} {one.name_en}"), one.code)
        for code in self.within:
            if code in divisions:
                name = short_name(divisions[code].name)
                yield Asked((f"只看{name}", f"Only {name}"), code)
        if self.name:
            yield Asked((f"名称含“{self.name}”", f"name has “{self.name}”"), self.name)
        if self.is_watched:
            yield Asked(("只看关注", "Watched only"), "watched")
        if self.is_worst_first:
            yield Asked(("重的在前", "Worst first"), "worst")


class BoardFilesController(Controller):
    path = "/board/{code:str}/lamps"
    tags = ("board",)
    guards = (requires_session,)
    dependencies = {"division": Provide(provide_division)}  # noqa: RUF012

    @get("/{form:str}", operation_id="lampsFile")
    async def lamps_file(
        self,
        request: SessionRequest,
        division: NamedDependency[Division],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
        light: FromQuery[str] = "",
        of: FromQuery[str] = "",
        name: FromQuery[str] = "",
        within: FromQuery[str] = "",
        watched: FromQuery[bool] = False,
        first: FromQuery[str] = "",
    ) -> Response[bytes]:
        """The villages of the division with their lights in words, as the page's address asks for them; of a village
        its lamps with the open cases that the account may see. 503 as for the board."""
        setup, account, board = await gateway.installation.setup(), request.user.account, gateway.board
        villages = list(setup.register.villages[setup.register.villages_in(division.code)])
        require_loaded(board, villages)
        parts = tuple(code for code in within.split(",") if code)
        wanted = Wanted(light, of, name.strip(), parts, watched, first == "worst")
        marked: Container[str] = villages
        if watched:
            if not account.oversees:
                raise Forbidden("no_watch", "关注名单供管理站以上查看。", "The watch list is for stations and above.")
            documents = await risk_documents(gateway, setup, division.code[: CODE_LENGTHS["township"]])
            marked = {one.village for document in documents for one in document.watched}
        width = len(setup.rulebook.catalogue.indicators)
        if division.level == "village":
            shown = [one for one in board.cases(division.code) if account.may_see_case(division.code, one.case)]
            rows, wanted = lamp_rows(setup, board.letters(villages, width), shown, language), Wanted()
            titles = _OF_LAMPS
        else:
            kept = [v for v in villages if v in marked and wanted.takes(v, setup.register)]
            lit = {village: board.letters([village], width) for village in kept}
            rows, titles = village_rows(setup, lit, wanted, language), _titles(setup, wanted)
        colours = {words[language == "en"]: words[2] for words in LIGHTS.values()}
        about = about_wall(setup, division.code, wanted, gateway.clock())
        return await asyncio.to_thread(sheet, about, titles, rows, form, language, colours)


def about_wall(setup: Setup, division: str, wanted: Wanted, at: datetime) -> About:
    return About("lamps", ("灯况", "Lamps"), setup, (division,), at, tuple(wanted.asked(setup)))


def _titles(setup: Setup, wanted: Wanted) -> Sequence[tuple[str, str]]:
    lamps = [setup.rulebook.catalogue.indicators[at] for at in wanted.lamps(setup)]
    return (*_OF_VILLAGES, *((f"{one.code} {one.name_zh}", f"{one.code} {one.name_en}") for one in lamps))


def village_rows(setup: Setup, lit: dict[str, str], wanted: Wanted, language: Language) -> list[list[Cell]]:
    """A line for each village that has a lamp of the light that is asked for; only the lamps asked for count."""
    lamps, register = wanted.lamps(setup), setup.register
    found: list[tuple[tuple[int, int, int], list[Cell]]] = []
    for village, letters in lit.items():
        own = [letters[at] for at in lamps]
        if wanted.light in LETTERS and wanted.light and wanted.light not in own:
            continue
        counts = own.count("r"), own.count("y"), own.count("s")
        above = (register.divisions[village[: CODE_LENGTHS[level]]].name for level in ("county", "township"))
        words = (LIGHTS[letter][language == "en"] for letter in own)
        found.append((counts, [*above, register.divisions[village].name, village, *counts, *words]))
    if wanted.is_worst_first:
        found.sort(key=lambda one: one[0], reverse=True)
    return [row for _, row in found]


def lamp_rows(setup: Setup, letters: str, cases: Sequence[OpenCase], language: Language) -> list[list[Cell]]:
    """A line for each lamp of a village, and for each open case beyond the first on it."""
    catalogue, is_english = setup.rulebook.catalogue, language == "en"
    parts: list[Category | Item] = [*catalogue.categories, *catalogue.items]
    named = {one.code: one.name_en if is_english else one.name_zh for one in parts}
    rows: list[list[Cell]] = []
    for at, one in enumerate(catalogue.indicators):
        name, word = one.name_en if is_english else one.name_zh, LIGHTS[letters[at]][is_english]
        head: list[Cell] = [named[one.category], named[one.item], one.code, name, word]
        own = [_case_cells(case, language) for case in cases if case.indicator == one.code]
        rows += [[*head, *case] for case in own] or [[*head, None, None, None, None]]
    return rows


def _case_cells(case: OpenCase, language: Language) -> list[Cell]:
    is_english = language == "en"
    overdue = ("overdue" if is_english else "已逾期") if case.is_overdue else None
    severity = case.severity if is_english else terms.SEVERITIES[case.severity]
    return [severity, case.opened_on, case.due, overdue]
