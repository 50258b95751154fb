"""``create_app``: the only place where the gateway's parts are put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from models.ids import STAFF_DATABASE
from sync_api.access.admission import MUCH_AT_ONCE, Admission
from sync_api.access.gate import Gate
from sync_api.access.limits import LoginLimit
from sync_api.access.routes import AccessController
from sync_api.access.staff import Staff
from sync_api.access.tokens import Tokens
from sync_api.audit.log import AuditLog
from sync_api.board.files import BoardFilesController
from sync_api.board.lights import LightKeeper
from sync_api.board.routes import BoardController, assigned_cases, catalogue, division, divisions_below
from sync_api.board.state import BoardState
from sync_api.board.weeks import WeekBook
from sync_api.casework.account_routes import AccountsController
from sync_api.casework.answer_routes import AnswersController
from sync_api.casework.book import CaseBook
from sync_api.casework.figure_routes import FiguresController
from sync_api.casework.overview_routes import OverviewController
from sync_api.casework.routes import CaseworkController
from sync_api.couch import Couch, CouchError, answer_couch_error
from sync_api.devices.enrolment import Enrolments
from sync_api.devices.health_log import HealthLog
from sync_api.devices.keys import DeviceKeys
from sync_api.devices.revocations import Revocations
from sync_api.devices.routes import DevicesController
from sync_api.early_warning.routes import WatchController
from sync_api.errors import GatewayError, answer_gateway_error, answer_http_exception, answer_unexpected
from sync_api.evaluation.grades import GradeBook
from sync_api.evaluation.routes import EvaluationController
from sync_api.health import health
from sync_api.held_events import Held, HeldEvents
from sync_api.informants.names import InformantNames
from sync_api.informants.pledges import PledgesController
from sync_api.informants.routes import InformantsController
from sync_api.installation import Installation
from sync_api.joint_work.routes import JointWorkController
from sync_api.notices.desk import NoticeDesk
from sync_api.notices.register import NoticeRegister
from sync_api.notices.routes import NoticesController
from sync_api.openapi import describe
from sync_api.parcels.routes import ParcelsController
from sync_api.parcels.sealing import ParcelKey
from sync_api.parts import Gateway
from sync_api.patrols.lots import Lots
from sync_api.patrols.routes import PatrolsController
from sync_api.photos.routes import PhotosController
from sync_api.photos.store import PhotoStore
from sync_api.quarantine.desk import QuarantineDesk
from sync_api.quarantine.routes import QuarantineController
from sync_api.records.routes import RecordsController
from sync_api.replication.bodies import BODY_BYTES_MAX
from sync_api.replication.feed import Feed
from sync_api.replication.feeds import Feeds
from sync_api.replication.flights import Flights
from sync_api.replication.hand_in import hand_in
from sync_api.replication.parking import ParkingLitestar
from sync_api.replication.push import Push
from sync_api.replication.routes import ReplicationController, server
from sync_api.sealed.routes import SealedController
from sync_api.sealed.store import SealedStore
from sync_api.sealed.sweep import Sweep
from sync_api.settings import Settings
from sync_api.truthfulness.routes import TruthfulnessController
from sync_api.web_pages import page_routes

#: Heartbeats must leave at once, so streams are not compressed; a pull compresses itself, page by page.
_NOT_COMPRESSED: Final = [r"/events/?$", r"/_changes$", r"/_pull$"]


#: Pages load nothing from other hosts, are shown in no frame, and nobody guesses at types.
_HEADERS: Final = [
    ResponseHeader(
        name="Content-Security-Policy",
        value="default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'",
    ),
    ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
    ResponseHeader(name="Referrer-Policy", value="same-origin"),
]


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, couchdb_url: str, clock: Callable[[], datetime] = utc_now) -> Litestar:
    """The gateway in front of the store at ``couchdb_url``."""
    couch = Couch(couchdb_url)
    installation = Installation(couch, settings.city)
    staff = Staff(couch)
    tokens = Tokens(
        settings.token_secret, timedelta(minutes=settings.access_minutes), timedelta(days=settings.refresh_days)
    )
    held = HeldEvents()
    keeper = LightKeeper(couch, installation, held, clock)
    board = BoardState(couch, installation, clock)
    feeds = Feeds(couch, installation)
    feeds.listen(board.hear, board.hear_connected)
    feeds.listen(keeper.hear, keeper.hear_connected)
    notices = NoticeRegister(couch, installation)
    feeds.listen(notices.hear, notices.hear_connected)
    book = CaseBook(couch, installation, held)
    feeds.listen(book.hear, book.hear_connected)
    grades = GradeBook(couch, installation, clock)
    feeds.listen(grades.hear, grades.hear_connected)
    weeks = WeekBook(couch, installation)
    feeds.listen(weeks.hear, weeks.hear_connected)
    revocations = Revocations(couch)
    accounts_feed = Feed(couch, STAFF_DATABASE)

    def wake(alias: str) -> None:
        feeds.wake(alias)
        board.wake()

    login_limit = LoginLimit()
    gate = Gate(staff, revocations, tokens, login_limit, clock, wake)
    accounts_feed.listen(staff.hear, staff.hear_connected)
    accounts_feed.listen(gate.hear, gate.hear_connected)
    audit = AuditLog(couch, clock)
    sealed = SealedStore(couch, settings.seal_secret, clock)
    sweep = Sweep(sealed, book, audit, installation, clock)

    async def tell(stored: Sequence[Held]) -> None:
        """Lights are due, and the page that asks next has it in the ledger."""
        keeper.touch(document.id for document in stored)
        await book.take(stored)

    push = Push(couch, feeds, staff, clock, held, tell, audit, book.opener)
    gateway = Gateway(
        clock=clock,
        couch=couch,
        installation=installation,
        staff=staff,
        tokens=tokens,
        gate=gate,
        admission=Admission(),
        much=Admission(MUCH_AT_ONCE, 1),
        flights=Flights(),
        feeds=feeds,
        keeper=keeper,
        board=board,
        weeks=weeks,
        book=book,
        grades=grades,
        push=push,
        login_limit=login_limit,
        keys=DeviceKeys(couch),
        enrolments=Enrolments(couch),
        revocations=revocations,
        health_log=HealthLog(couch, clock),
        photos=PhotoStore(couch, settings.data_dir / "uploads"),
        notices=notices,
        notice_desk=NoticeDesk(couch, board, book, push, notices, staff, clock),
        desk=QuarantineDesk(couch, staff, push, audit, clock),
        audit=audit,
        sealed=sealed,
        sweep=sweep,
        lots=Lots(couch),
        names=InformantNames(couch),
        parcel_key=ParcelKey(settings.token_secret),
    )

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(couch)
            async with asyncio.TaskGroup() as tasks:
                kept = (board.run, book.run, grades.run, notices.run, weeks.run)
                works = (feeds.run, accounts_feed.run, keeper.run, *kept, sweep.run)
                running = [tasks.create_task(work()) for work in works]
                yield
                board.stop()
                for task in running:
                    task.cancel()

    app = ParkingLitestar(
        route_handlers=[
            AccessController,
            BoardController,
            BoardFilesController,
            CaseworkController,
            AnswersController,
            AccountsController,
            FiguresController,
            OverviewController,
            EvaluationController,
            PatrolsController,
            JointWorkController,
            InformantsController,
            PledgesController,
            RecordsController,
            TruthfulnessController,
            WatchController,
            SealedController,
            assigned_cases,
            ReplicationController,
            hand_in,
            ParcelsController,
            QuarantineController,
            NoticesController,
            DevicesController,
            PhotosController,
            server,
            division,
            divisions_below,
            catalogue,
            health,
            *page_routes(),
        ],
        dependencies={"gateway": Provide(lambda: gateway, sync_to_thread=False)},
        state=State({"gateway": gateway}),
        lifespan=[lifespan],
        exception_handlers={
            GatewayError: answer_gateway_error,
            CouchError: answer_couch_error,
            HTTPException: answer_http_exception,
            Exception: answer_unexpected,
        },
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=6, exclude=_NOT_COMPRESSED),
        openapi_config=OpenAPIConfig(
            title="Dynamic Management 110",
            version="0.1.0",
            path="/schema",
            render_plugins=[JsonRenderPlugin()],  # the others load their pages from foreign hosts
        ),
        response_headers=_HEADERS,
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,  # the command that serves decides where logs go
    )
    describe(app.openapi_schema)
    return app
