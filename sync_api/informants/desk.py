"""What the pages about informants are made from, as of now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from models import calendar
from models.amendments import last_words
from models.documents import Appointment, Decision, Omission, Pledge, Sanction, Settlements, Training
from models.ids import CODE_LENGTHS, database_of
from models.informants import Term, VillageCoverage, coverage, on_duty, serving, settlements_of, terms_of
from models.periods import Period, parse_period
from models.setup import Setup
from models.truthfulness import Chain, InForce, chains_of, omission_step, sanctions_in_force
from sync_api.access.accounts import Account
from sync_api.board.routes import find_division
from sync_api.errors import BadRequest, Forbidden, StillReading
from sync_api.evaluation.reading import read_grades
from sync_api.parts import Gateway, SessionRequest
from sync_api.sheets import About, Asked

_LEVELS: Final = (CODE_LENGTHS["county"], CODE_LENGTHS["township"])


class InformantDesk(msgspec.Struct):
    """``codes`` of the villages of a county or township that the account is an office of, or above."""

    account: Account
    setup: Setup
    now: datetime
    today: int
    division: str
    codes: tuple[str, ...]

    def about(self, name: str, title: tuple[str, str], asked: Iterable[Asked] = ()) -> About:
        """What a file says of itself."""
        return About(name, title, self.setup, (self.division,), self.now, tuple(asked))

    @property
    def is_station(self) -> bool:
        """Whether it is the office that appoints: to others nobody is shown one by one."""
        return self.account.role == "station"


async def open_informant_desk(gateway: Gateway, request: SessionRequest, division: str) -> InformantDesk:
    """Raises ``Forbidden`` for whoever is no office, or not of this division; ``BadRequest`` for a city, whose counties
    are looked at one by one; ``StillReading`` while events are being read."""
    account = request.user.account
    if not account.is_office:
        raise Forbidden("offices_only", "只有管理站、管理中心可以查看。", "This is for stations and centres.")
    setup, now = await gateway.installation.setup(), gateway.clock()
    found = find_division(setup.register, division)
    if not found.code.startswith(account.divisions):
        raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
    if len(found.code) not in _LEVELS:
        raise BadRequest("choose_a_county", "请选择一个县区或乡镇。", "Choose a county or a township.")
    if not gateway.book.is_loaded({database_of(found.code)}):
        raise StillReading("台账", "the ledger")
    codes = setup.register.villages[setup.register.villages_in(found.code)]
    return InformantDesk(account, setup, now, calendar.local_day(now), found.code, codes)


def terms_at(gateway: Gateway, desk: InformantDesk) -> list[Term]:
    """All terms of the division's informants, past ones too."""
    return terms_of(gateway.book.kept(Appointment, (desk.division,)))


def pledges_at(gateway: Gateway, desk: InformantDesk) -> dict[str, Pledge]:
    """The last pledge of each who signed one in a village."""
    pledges = gateway.book.listed(Pledge, (desk.division,))
    return {one.signer: one for one in sorted(pledges, key=lambda one: (one.until, one.id[-26:]))}


def trainings_at(gateway: Gateway, desk: InformantDesk) -> list[Training]:
    """The trainings that informants attended, by the stations' and the centre's word; of one corrected the last."""
    above = (desk.division[: CODE_LENGTHS["county"]],)
    return [one for one in last_words(gateway.book.kept(Training, above)) if one.informants]


def chains_at(gateway: Gateway, desk: InformantDesk) -> list[Chain]:
    return _chains(gateway, desk.division)


def sanctions_at(gateway: Gateway, desk: InformantDesk) -> list[Sanction]:
    return gateway.book.kept(Sanction, (desk.division,))


def decided_at(gateway: Gateway, division: str) -> list[InForce]:
    """The sanctions in force of the informants of a county or township."""
    return sanctions_in_force(gateway.book.kept(Sanction, (division,)), _chains(gateway, division))


def _chains(gateway: Gateway, division: str) -> list[Chain]:
    steps = [omission_step(one) for one in gateway.book.kept(Omission, (division,))]
    return chains_of(step for step in steps if step is not None)


async def coverage_of(gateway: Gateway, setup: Setup, division: str, today: int) -> list[VillageCoverage] | None:
    """How the villages of a county or township are covered today; None of any other division."""
    if len(division) not in _LEVELS:
        return None
    codes = setup.register.villages[setup.register.villages_in(division)]
    settlements = settlements_of(gateway.book.kept(Settlements, (division,)))
    terms = on_duty(terms_of(gateway.book.kept(Appointment, (division,))), decided_at(gateway, division))
    weak = await _weak_villages(gateway, division, codes, today)
    return coverage(codes, settlements, serving(terms, today), weak, setup.rulebook.policy.informants.staffing)


async def coverage_at(gateway: Gateway, desk: InformantDesk) -> list[VillageCoverage]:
    return await coverage_of(gateway, desk.setup, desk.division, desk.today) or []


async def _weak_villages(gateway: Gateway, division: str, codes: tuple[str, ...], today: int) -> set[str]:
    """Those whose team is weak or paralysed by the last half-year's evaluation, as decided or else proposed."""
    decisions = gateway.book.kept(Decision, (division,))
    grades = await read_grades(gateway.couch, codes, _last_half(today), decisions)
    return {village for village, stood in grades.items() if stood.grade in ("weak", "paralysed")}


def _last_half(today: int) -> Period:
    on = calendar.day_of(today)
    return parse_period(f"{on.year:04d}{'H1' if on.month <= 6 else 'H2'}").previous
