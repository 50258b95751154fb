"""The gateway's parts as its routes find them; ``app.create_app`` puts them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from sync_api.access.accounts import Account, Session
from sync_api.access.admission import Admission
from sync_api.access.gate import COOKIE, Gate
from sync_api.access.limits import LoginLimit
from sync_api.access.staff import Staff, account_closed
from sync_api.access.tokens import Tokens
from sync_api.audit.log import AuditLog
from sync_api.board.lights import LightKeeper
from sync_api.board.state import BoardState
from sync_api.board.weeks import WeekBook
from sync_api.casework.book import CaseBook
from sync_api.couch import Couch
from sync_api.devices.enrolment import Enrolments
from sync_api.devices.health_log import HealthLog
from sync_api.devices.keys import DeviceKeys
from sync_api.devices.revocations import Revocations
from sync_api.errors import Forbidden, Unauthorized
from sync_api.evaluation.grades import GradeBook
from sync_api.informants.names import InformantNames
from sync_api.installation import Installation
from sync_api.notices.desk import NoticeDesk
from sync_api.notices.register import NoticeRegister
from sync_api.parcels.sealing import ParcelKey
from sync_api.patrols.lots import Lots
from sync_api.photos.store import PhotoStore
from sync_api.quarantine.desk import QuarantineDesk
from sync_api.replication.feeds import Feeds
from sync_api.replication.flights import Flights
from sync_api.replication.push import Push
from sync_api.sealed.store import SealedStore
from sync_api.sealed.sweep import Sweep


@dataclass(frozen=True)
class Gateway:
    """One of each. ``clock`` is the only clock there is."""

    clock: Callable[[], datetime]
    couch: Couch
    installation: Installation
    staff: Staff
    tokens: Tokens
    gate: Gate
    admission: Admission
    #: For those who read much: first syncs, one page after the other.
    much: Admission
    flights: Flights
    feeds: Feeds
    keeper: LightKeeper
    board: BoardState
    weeks: WeekBook
    book: CaseBook
    grades: GradeBook
    push: Push
    login_limit: LoginLimit
    keys: DeviceKeys
    enrolments: Enrolments
    revocations: Revocations
    health_log: HealthLog
    photos: PhotoStore
    desk: QuarantineDesk
    notices: NoticeRegister
    notice_desk: NoticeDesk
    audit: AuditLog
    sealed: SealedStore
    sweep: Sweep
    lots: Lots
    names: InformantNames
    parcel_key: ParcelKey


#: What a route handler declares as ``gateway``.
Parts = NamedDependency[Gateway]
#: A request behind ``requires_session``: its ``user`` is the session.
SessionRequest = Request[Session, object, State]


def address_of(connection: ASGIConnection[Any, Any, Any, State]) -> str:
    """The client's address, as a proxy on this machine tells it, if there is one."""
    return connection.client.host if connection.client is not None else ""


def offices_only(request: SessionRequest) -> Account:
    """The office that asks. Raises ``Forbidden`` for all others."""
    if not request.user.account.is_office:
        raise Forbidden("offices_only", "只有管理站、管理中心可以处理。", "This is for stations and centres.")
    return request.user.account


#: Marks, in a handler's ``opt``, the few routes that a revoked device may still use.
FOR_REVOKED: Final = "for_revoked"


async def requires_session(
    connection: ASGIConnection[object, object, object, State], handler: BaseRouteHandler
) -> None:
    """Guard: finds the session. The cookie serves for reading only, so that no other site can make a browser write; a
    leader's account, too, whatever the route."""
    gateway: Gateway = connection.app.state.gateway
    is_reading = connection.scope.get("method", "GET") in ("GET", "HEAD")
    cookie = connection.cookies.get(COOKIE) if is_reading else None
    session = await gateway.gate.session(connection.headers.get("authorization"), cookie, address_of(connection))
    if session.is_closed and not handler.opt.get(FOR_REVOKED):
        raise account_closed()
    if session.is_revoked and not handler.opt.get(FOR_REVOKED):
        raise Unauthorized(
            "device_revoked",
            "这台设备已被管理站停用：未上报的内容交管理站后，平板上的数据将清除。",
            "This device was revoked: hand in what is not sent yet by a push; it then wipes itself.",
        )
    if session.account.only_reads and not is_reading:
        raise Forbidden(
            "reads_only",
            "领导账号只供查看，不能填写、办理或更改；请交由管理站、管理中心办理。",
            "A leader's account only looks: what is to be entered, done or changed is for the stations and centres.",
        )
    connection.scope["user"] = session
