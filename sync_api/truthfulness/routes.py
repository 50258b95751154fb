"""The page about truthfulness: candidates with their evidence, what was confirmed, appeals, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models import calendar
from models.documents import (
    Alias,
    AnyDocument,
    Candidate,
    Candidates,
    Discipline,
    Inspection,
    Line,
    Omission,
    OmissionFinding,
    Report,
    Sanction,
    Ulid,
    Words,
    decode_document,
)
from models.ids import CODE_LENGTHS, IdError, database_of, parse_id
from models.informants import Term, on_duty, serving
from models.truthfulness import Chain, counted_in, proposals, sanctions_in_force
from sync_api.access.accounts import Account
from sync_api.casework.desk import Stored, store_event
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.informants.desk import (
    InformantDesk,
    chains_at,
    decided_at,
    open_informant_desk,
    sanctions_at,
    terms_at,
)
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import Asked, Format, Language, sheet
from sync_api.stored import readable
from sync_api.truthfulness.views import (
    COLUMNS,
    PART_COLUMNS,
    PART_TITLES,
    CandidateView,
    ChainView,
    Part,
    ProposalView,
    SanctionView,
    Serving,
    TruthPage,
    case_of,
    cells,
    chain_view,
    part_cells,
)


class NewFinding(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A candidate confirmed of an informant, or set aside (``alias`` is then left out)."""

    ulid: Ulid
    village: str
    about: Line
    finding: OmissionFinding
    step: Literal["confirmed", "set_aside"]
    text: Words
    alias: Alias | None = None


class Judgement(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The word on an appeal, whose id is ``about``; or that what was confirmed is taken back."""

    ulid: Ulid
    about: Line
    step: Literal["upheld", "withdrawn"]
    text: Words


class NewAppeal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an informant without an open account says to the station against the confirmation whose id is ``about``."""

    ulid: Ulid
    about: Line
    text: Words


class NewSanction(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ulid: Ulid
    village: str
    alias: Alias
    omissions: Annotated[list[Line], Meta(min_length=1, max_length=60)]
    disciplines: list[Discipline]
    text: Words
    withheld_months: Annotated[int, Meta(ge=0, le=12)] = 0
    suspended_days: Annotated[int, Meta(ge=0, le=366)] = 0


class TruthfulnessController(Controller):
    path = "/truthfulness"
    tags = ("truthfulness",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="truthfulness")
    async def page(self, request: SessionRequest, code: FromPath[str], gateway: Parts) -> TruthPage:
        """What the last night found in a county or township, and what became of it; informants by alias."""
        return await _page(gateway, await _open(gateway, request, code))

    @get("/{code:str}/{form:str}", operation_id="truthfulnessFile")
    async def page_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """What was confirmed or set aside, step by step, as a file, .xlsx or .csv."""
        desk = await _open(gateway, request, code)
        chains = chains_at(gateway, desk)
        _, matters = await _matters(gateway, desk, chains)
        views = await _chain_views(gateway, desk, chains, matters)
        about = desk.about("truthfulness", ("信息真实", "Truthfulness"))
        return sheet(about, COLUMNS, cells(views, desk.setup.register, language), form, language)

    @get("/{code:str}/{part:str}/{form:str}", operation_id="truthfulnessPartFile")
    async def part_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        part: FromPath[Part],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """What waits to be judged, what the ladder proposes, or what was decided, as a file, .xlsx or .csv."""
        desk = await _open(gateway, request, code)
        page = await _page(gateway, desk)
        asked = [Asked((page.period, page.period), page.period)] if part == "ladder" else []
        about = desk.about(part, PART_TITLES[part], asked)
        rows = part_cells(page, part, desk.setup.register, language)
        return sheet(about, PART_COLUMNS[part], rows, form, language)

    @post("/findings", operation_id="settleCandidate", status_code=201)
    async def settle(self, request: SessionRequest, data: JSONBody[NewFinding], gateway: Parts) -> Stored:
        """Confirm a candidate, or set it aside. 400 ``no_informant`` where it is confirmed of nobody; 409
        ``step_refused`` with the reason."""
        own = request.user.account.alias
        if data.step == "confirmed" and data.alias is None:
            raise BadRequest("no_informant", "请选择是哪位信息员。", "Say of which informant it is confirmed.")
        owner = own if data.step == "set_aside" else data.alias or ""
        event = await _omission(gateway, data.village, owner, data.ulid, own, data)
        return await store_event(gateway, request, data.village, event)

    @post("/judgements", operation_id="judgeAppeal", status_code=201)
    async def judge(self, request: SessionRequest, data: JSONBody[Judgement], gateway: Parts) -> Stored:
        """Decide on an appeal; who confirmed it may not. 409 ``step_refused`` with the reason; 404 where there is no
        such step in the account's scope."""
        return await _answer(gateway, request, data, data.step)

    @post("/appeals", operation_id="enterAppeal", status_code=201)
    async def appeal(self, request: SessionRequest, data: JSONBody[NewAppeal], gateway: Parts) -> Stored:
        """Write down the appeal of an informant who has no open account. 409 ``step_refused`` with the reason; 404
        where there is no such step in the account's scope."""
        return await _answer(gateway, request, data, "appealed")

    @post("/sanctions", operation_id="sanction", status_code=201)
    async def sanction(self, request: SessionRequest, data: JSONBody[NewSanction], gateway: Parts) -> Stored:
        """Decide what follows. 409 ``step_refused`` with the reason: it is based on what counts, and nothing else."""
        now = gateway.clock()
        event = Sanction(
            id=f"{data.village}:sanction:{data.alias}:{data.ulid}",
            observed_at=now,
            saved_at=now,
            author=request.user.account.alias,
            omissions=data.omissions,
            disciplines=data.disciplines,
            text=data.text,
            withheld_months=data.withheld_months,
            suspended_days=data.suspended_days,
            simulated=(await gateway.installation.setup()).rulebook.is_simulated,
        )
        return await store_event(gateway, request, data.village, event)


async def _page(gateway: Gateway, desk: InformantDesk) -> TruthPage:
    chains = chains_at(gateway, desk)
    found, matters = await _matters(gateway, desk, chains)
    setup, policy = desk.setup, desk.setup.rulebook.policy.truthfulness
    return TruthPage(
        as_of=desk.now,
        simulated=setup.rulebook.is_simulated,
        division=desk.division,
        division_name=setup.register.divisions[desk.division].name,
        period=counted_in(desk.today, policy.counted_over).name,
        appeal_days=policy.appeal_days,
        may_decide=desk.account.may_write("sanction"),
        candidates=_candidates(found, chains, matters),
        chains=await _chain_views(gateway, desk, chains, matters),
        proposals=_proposals(gateway, desk, chains),
        sanctions=_sanctions(gateway, desk, chains),
    )


async def _answer(
    gateway: Gateway,
    request: SessionRequest,
    data: Judgement | NewAppeal,
    step: Literal["appealed", "upheld", "withdrawn"],
) -> Stored:
    """A step that is about an earlier one, of the same informant."""
    account = request.user.account
    before = await _step(gateway, account, data.about)
    identity = parse_id(before.id)
    said = NewJudged(about=data.about, finding=before.finding, step=step, text=data.text)
    event = await _omission(gateway, identity.division, identity.owner or "", data.ulid, account.alias, said)
    return await store_event(gateway, request, identity.division, event)


async def _step(gateway: Gateway, account: Account, step_id: str) -> Omission:
    """An earlier step within the scope of an office. Raises ``NotFound``."""
    try:
        division = parse_id(step_id).division
    except IdError as error:
        raise _no_such_step() from error
    is_seen = account.is_office and division.startswith(account.divisions)
    content = await gateway.couch.get(database_of(division), step_id) if is_seen else None
    before = None if content is None else decode_document(content)
    if not isinstance(before, Omission):
        raise _no_such_step()
    return before


def _no_such_step() -> NotFound:
    return NotFound("no_such_step", "没有这一步。", "There is no such step.")


class NewJudged(msgspec.Struct, kw_only=True):
    """What a step says, beside whom it is about."""

    about: str
    finding: OmissionFinding
    step: Literal["appealed", "upheld", "withdrawn"]
    text: str


async def _omission(
    gateway: Gateway, village: str, owner: str, ulid: str, author: str, said: NewFinding | NewJudged
) -> Omission:
    now = gateway.clock()
    return Omission(
        id=f"{village}:omission:{owner}:{ulid}",
        observed_at=now,
        saved_at=now,
        author=author,
        finding=said.finding,
        step=said.step,
        about=said.about,
        text=said.text,
        simulated=(await gateway.installation.setup()).rulebook.is_simulated,
    )


async def _open(gateway: Gateway, request: SessionRequest, division: str) -> InformantDesk:
    """An informant's record is for the office that appointed them and the county that decides on appeals."""
    if not request.user.account.may_write("omission") or not request.user.account.is_office:
        zh = "仅供聘任的管理站和县级管理中心查看。"
        raise Forbidden("offices_only", zh, "This is for the station that appointed them, and its county.")
    return await open_informant_desk(gateway, request, division)


async def _chain_views(
    gateway: Gateway, desk: InformantDesk, chains: Iterable[Chain], matters: Mapping[str, CandidateView]
) -> list[ChainView]:
    """The newest first."""
    account, days = desk.account, desk.setup.rulebook.policy.truthfulness.appeal_days
    open_accounts = {one.alias for one in await gateway.staff.accounts()}
    views = [
        chain_view(one, matters.get(one.about), desk.setup.register, desk.today, days, account, open_accounts)
        for one in chains
    ]
    return sorted(views, key=lambda one: one.steps[0].at, reverse=True)


async def _matters(
    gateway: Gateway, desk: InformantDesk, chains: Iterable[Chain]
) -> tuple[list[Candidate], dict[str, CandidateView]]:
    """What the last night found; and that, and what was judged and is found no more, with its evidence, by what it is
    about."""
    register, database = desk.setup.register, database_of(desk.division)
    township = CODE_LENGTHS["township"]
    codes = [desk.division] if len(desk.division) == township else register.children.get(desk.division, ())
    rows = await gateway.couch.rows_of(database, [f"{code}:candidates" for code in codes], include_docs=True)
    found = [one for document in readable(rows) if isinstance(document, Candidates) for one in document.found]
    of_chains = {chain.about: chain for chain in chains}
    ids = list({*of_chains, *(one.about for one in found)})
    rows = await gateway.couch.rows_of(database, ids, include_docs=True) if ids else []
    seen = {document.id: document for document in readable(rows)}
    known = {one.about: one for one in found}
    before = [_found_before(chain, seen.get(about)) for about, chain in of_chains.items() if about not in known]
    held = on_duty(terms_at(gateway, desk), decided_at(gateway, desk.division))
    views = [_candidate(one, seen.get(one.about), held, desk) for one in (*known.values(), *before) if one is not None]
    return found, {view.about: view for view in views}


def _found_before(chain: Chain, seen: AnyDocument | None) -> Candidate | None:
    """What a night must have found, by what it was about; its evidence beside that is known no more."""
    if not isinstance(seen, Report | Inspection):
        return None
    codes = [seen.indicator] if isinstance(seen, Report) else list(seen.readings)
    return Candidate(
        finding=chain.steps[0].finding,
        village=chain.village,
        indicator=codes[0] if codes else "",
        also=codes[1:],
        about=seen.id,
        seen_on=calendar.day_of(calendar.local_day(seen.observed_at)),
        days=0,
        channel=seen.channel if isinstance(seen, Report) else "patrol",
    )


def _candidates(
    found: Iterable[Candidate], chains: Iterable[Chain], matters: Mapping[str, CandidateView]
) -> list[CandidateView]:
    """Those that nobody has settled yet, by the day on which they were seen; also what was withdrawn of one informant,
    where somebody else served on that day."""
    settled = {chain.about for chain in chains if chain.state != "withdrawn"}
    withdrawn = {(chain.about, chain.alias) for chain in chains if chain.state == "withdrawn"}
    views: list[CandidateView] = []
    for one in found:
        # a patrol's visit seen again may be about other things, too
        if settled & {one.about, *filter(case_of, one.again)}:
            continue
        view = matters[one.about]
        others = [term for term in view.serving if (one.about, term.alias) not in withdrawn]
        if others or all(about != one.about for about, _ in withdrawn):
            views.append(msgspec.structs.replace(view, serving=others))
    return sorted(views, key=lambda one: (one.seen_on, one.about))


def _candidate(one: Candidate, seen: AnyDocument | None, held: list[Term], desk: InformantDesk) -> CandidateView:
    catalogue = desk.setup.rulebook.catalogue
    at = catalogue.index.get(one.indicator)
    named = None if at is None else catalogue.indicators[at]
    is_late = one.finding == "late"
    day = calendar.epoch_day(one.seen_on)
    there = [] if is_late else serving([term for term in held if term.village == one.village], day)
    return CandidateView(
        finding=one.finding,
        village=one.village,
        village_name=desk.setup.register.divisions[one.village].name,
        indicator=one.indicator,
        indicator_zh="" if named is None else named.name_zh,
        indicator_en="" if named is None else named.name_en,
        also=one.also,
        about=one.about,
        case=case_of(one.about),
        seen_on=one.seen_on,
        days=one.days,
        channel=one.channel,
        words=seen.text if isinstance(seen, Report | Inspection) else "",
        reading=_reading(seen, one.indicator),
        evidence=[*one.again, *one.evidence],
        alias=parse_id(one.about).owner if is_late else None,
        serving=[Serving(term.alias, term.natural_villages) for term in there],
        may_confirm=is_late or parse_id(one.about).owner != desk.account.alias,
    )


def _reading(seen: AnyDocument | None, indicator: str) -> str:
    """What a patrol read, as it was written down."""
    value = seen.readings.get(indicator) if isinstance(seen, Inspection) else None
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _proposals(gateway: Gateway, desk: InformantDesk, chains: list[Chain]) -> list[ProposalView]:
    policy = desk.setup.rulebook.policy.truthfulness
    return [
        ProposalView(
            alias=one.alias,
            village=one.village,
            village_name=desk.setup.register.divisions[one.village].name,
            period=one.period,
            omissions=one.omissions,
            disciplines=one.rung.disciplines,
            withheld_months=one.rung.withheld_months,
            suspended_days=one.rung.suspended_days,
            decided=one.decided,
        )
        for one in proposals(chains, sanctions_at(gateway, desk), desk.today, policy)
    ]


def _sanctions(gateway: Gateway, desk: InformantDesk, chains: list[Chain]) -> list[SanctionView]:
    """The newest first; what was corrected, too."""
    sanctions = sanctions_at(gateway, desk)
    in_force = {one.id for one in sanctions_in_force(sanctions, chains)}
    views = []
    for one in sorted(sanctions, key=lambda one: one.id[-26:], reverse=True):
        identity = parse_id(one.id)
        views.append(
            SanctionView(
                id=one.id,
                alias=identity.owner or "",
                village=identity.division,
                village_name=desk.setup.register.divisions[identity.division].name,
                author=one.author,
                at=one.saved_at,
                disciplines=one.disciplines,
                withheld_months=one.withheld_months,
                suspended_days=one.suspended_days,
                text=one.text,
                omissions=one.omissions,
                in_force=one.id in in_force,
            )
        )
    return views
