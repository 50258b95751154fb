"""The page of villages that are watched, for offices above the village and analysts, and analysts' verdicts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from ulid import ULID

from models.calendar import LOCAL
from models.documents import Risk, Ulid, Verdict, VillageCode, Words
from models.early_warning.panel import YEAR
from models.early_warning.verdicts import last_verdicts, watched_since
from models.ids import CODE_LENGTHS, database_of
from models.setup import Setup
from sync_api.casework.desk import Stored, new_event, store_event
from sync_api.early_warning.views import COLUMNS, WatchPage, cells, watch_lists
from sync_api.errors import BadRequest, Forbidden, NotFound
from sync_api.parts import Gateway, Parts, SessionRequest, requires_session
from sync_api.sheets import About, Format, Language, sheet
from sync_api.stored import read_document, readable


class NewVerdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether a village is watched rightly, and on which grounds."""

    ulid: Ulid
    village: VillageCode
    is_right: bool
    text: Words


class WatchController(Controller):
    path = "/watch"
    tags = ("early warning",)
    guards = (requires_session,)

    @get("/{code:str}", operation_id="watch")
    async def page(self, request: SessionRequest, code: FromPath[str], gateway: Parts) -> WatchPage:
        """Which villages of a township, a county or the city are likely to get worse, with the reasons."""
        return await _page(gateway, request, code)

    @get("/{code:str}/{form:str}", operation_id="watchFile")
    async def page_file(
        self,
        request: SessionRequest,
        code: FromPath[str],
        form: FromPath[Format],
        gateway: Parts,
        language: FromQuery[Language] = "zh",
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv."""
        page, setup = await _page(gateway, request, code), await gateway.installation.setup()
        about = About("watch", ("关注名单", "Watch list"), setup, (code,), page.as_of)
        return sheet(about, COLUMNS, cells(page, language), form, language)

    @post("/verdicts", operation_id="verdict", status_code=201)
    async def verdict(self, request: SessionRequest, data: JSONBody[NewVerdict], gateway: Parts) -> Stored:
        """An analyst's word on a village's being watched, in place of the same analyst's word before on the same list.
        409 ``step_refused`` where it is not watched, nor was lately."""
        if not request.user.account.may_write("verdict"):
            raise Forbidden("no_verdict", "研判意见由分析员填写。", "Verdicts are written by analysts.")
        township = data.village[: CODE_LENGTHS["township"]]
        document = await read_document(gateway.couch, f"{township}:risk")
        day = ULID.from_str(data.ulid).datetime.astimezone(LOCAL).date()
        since = watched_since(document, data.village, day) if isinstance(document, Risk) else None
        fields = {"village": data.village, "is_right": data.is_right, "text": data.text, "since": since}
        event = await new_event(gateway, request, Verdict, township, data.ulid, fields)
        return await store_event(gateway, request, township, event)


async def _page(gateway: Gateway, request: SessionRequest, code: str) -> WatchPage:
    """Raises ``Forbidden``, ``NotFound``, ``BadRequest``."""
    account, setup, now = request.user.account, await gateway.installation.setup(), gateway.clock()
    if not account.oversees:
        raise Forbidden("no_watch", "关注名单供管理站以上查看。", "The watch list is for stations and above.")
    if not code.startswith(account.divisions):
        raise Forbidden("out_of_scope", "该区划不在您的工作范围内。", "This division is outside your scope.")
    if code not in setup.register.divisions:
        raise NotFound("no_such_division", "没有这个村或单位。", "There is no such division.")
    if len(code) > CODE_LENGTHS["township"]:
        raise BadRequest("bad_division", "请选择市、县或乡镇。", "Choose a city, a county or a township.")
    documents = await risk_documents(gateway, setup, code)
    listed = [d.id.partition(":")[0] for d in documents if d.watched or d.ended]
    verdicts = await _verdicts(gateway, listed)
    year = [one for one in verdicts if one.saved_at > now - timedelta(days=YEAR)]
    policy, today = setup.rulebook.policy.early_warning, now.astimezone(LOCAL).date()
    last = {one.village: one for one in verdicts}
    watched, dropped, unknown, outcome = watch_lists(documents, last, setup.register, policy, today)
    return WatchPage(
        as_of=now,
        simulated=setup.rulebook.is_simulated,
        division=code,
        division_name=setup.register.divisions[code].name,
        is_ready=bool(documents),
        horizon_months=policy.horizon_months,
        worse_by=policy.worse_by,
        models=sorted({document.model for document in documents}),
        watched=watched,
        dropped=dropped,
        unknown=unknown,
        outcome=outcome,
        verdicts_right=sum(one.is_right for one in year),
        verdicts_wrong=sum(not one.is_right for one in year),
        may_judge=account.may_write("verdict"),
    )


async def risk_documents(gateway: Gateway, setup: Setup, code: str) -> list[Risk]:
    """What the last night said of the townships of a division."""
    townships = [one for one in setup.register.townships if one.startswith(code)]
    of: dict[str, list[str]] = {}
    for township in townships:
        of.setdefault(database_of(township), []).append(f"{township}:risk")
    asked = (gateway.couch.rows_of(database, ids, include_docs=True) for database, ids in of.items())
    found = await asyncio.gather(*asked)
    return [one for rows in found for one in readable(rows) if isinstance(one, Risk)]


async def _verdicts(gateway: Gateway, townships: Iterable[str]) -> list[Verdict]:
    """What analysts said of the villages of some townships, in the order in which it was written; of what was corrected
    the last word."""
    starts = [f"{township}:verdict" for township in townships]
    asked = (
        gateway.couch.range_of(database_of(start), f"{start}:", f"{start};", include_docs=True) for start in starts
    )
    found = await asyncio.gather(*asked)
    return last_verdicts(one for rows in found for one in readable(rows) if isinstance(one, Verdict))
