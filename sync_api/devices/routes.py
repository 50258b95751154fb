"""The offices' page of devices: who has stopped synchronising, and a device shut off."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Final

import msgspec
import segno
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from models.documents import Alias, Device
from models.ids import office_scope
from models.policy import Health as HealthBounds
from sync_api.access.accounts import Account, Role
from sync_api.casework.views import place_words
from sync_api.devices.enrolment import enrolment_address
from sync_api.devices.records import Revocation, SyncHealth, TabletState
from sync_api.errors import NotFound
from sync_api.parts import FOR_REVOKED, Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.sheets import About, Cell, Format, Language, sheet


class DeviceView(msgspec.Struct):
    """``state`` is what the tablet last said of itself, null for a stock client."""

    device: str
    synced_at: datetime | None
    state: TabletState | None
    revoked_at: datetime | None
    wiped_at: datetime | None


class AccountDevices(msgspec.Struct):
    alias: str
    role: Role
    divisions: tuple[str, ...]
    devices: list[DeviceView]
    is_closed: bool = False


class Devices(msgspec.Struct):
    """The accounts below an office and their devices; a closed one as long as a device of it was not wiped. ``bounds``:
    what counts as having stopped, and so on."""

    as_of: datetime
    bounds: HealthBounds
    accounts: list[AccountDevices]


class NamedDevice(msgspec.Struct):
    alias: Alias
    device: Device


class Signed(msgspec.Struct):
    signature: Annotated[str, Meta(max_length=200)] = ""


class ForWhom(msgspec.Struct):
    alias: Alias


class OfferedEnrolment(msgspec.Struct):
    """A code as an office hands it on: the tablet opens ``address``; ``svg`` is its QR code as a data address."""

    alias: str
    address: str
    svg: str
    expires_at: datetime


_COLUMNS: Final = (
    ("账号", "Account"),
    ("岗位", "Role"),
    ("区划", "Division"),
    ("代码", "Code"),
    ("设备", "Device"),
    ("最近同步", "Last sync"),
    ("待报", "To be sent"),
    ("待传照片", "Photos to be sent"),
    ("退回", "Sent back"),
    ("时钟相差（分钟）", "Clock off (minutes)"),
    ("剩余空间（MB）", "Storage left (MB)"),
    ("版本", "Version"),
    ("停用于", "Shut off"),
    ("清除于", "Wiped"),
)


class DevicesController(Controller):
    path = "/devices"
    tags = ("devices",)
    guards = (requires_session,)

    @get("/", operation_id="devices")
    async def devices(self, request: SessionRequest, gateway: Parts) -> Devices:
        """The accounts below the office, with the devices that they have synchronised with."""
        return await _devices(request, gateway)

    @get("/{form:str}", operation_id="devicesFile")
    async def devices_file(
        self, request: SessionRequest, form: FromPath[Format], gateway: Parts, language: FromQuery[Language] = "zh"
    ) -> Response[bytes]:
        """The same as a file, .xlsx or .csv; an account without a device has a line, too."""
        found, setup = await _devices(request, gateway), await gateway.installation.setup()
        rows: list[list[Cell]] = []
        for account in found.accounts:
            places = "；".join(place_words(setup.register, code) for code in account.divisions)
            who = (account.alias, account.role, places, " ".join(account.divisions))
            rows += [[*who, *_cells(device)] for device in account.devices or (None,)]
        about = About("devices", ("平板同步", "Tablets"), setup, request.user.account.divisions, found.as_of)
        return sheet(about, _COLUMNS, rows, form, language)

    @post("/enrolments", operation_id="offerEnrolment", status_code=201)
    async def offer(self, request: SessionRequest, data: JSONBody[ForWhom], gateway: Parts) -> OfferedEnrolment:
        """A one-time code for an account's new device. 404 as for ``revoke``."""
        office = offices_only(request)
        account = await _managed(gateway, office, data.alias)
        await gateway.audit.record(office.alias, "enrolment_offered", account.alias)
        code, expires_at = await gateway.enrolments.offer(account.alias, office.alias, gateway.clock())
        address = enrolment_address(str(request.base_url), code)
        drawn = await asyncio.to_thread(segno.make, address, error="m")
        return OfferedEnrolment(account.alias, address, drawn.svg_data_uri(scale=6, border=4), expires_at)

    @post("/revoke", operation_id="revokeDevice", status_code=204)
    async def revoke(self, request: SessionRequest, data: JSONBody[NamedDevice], gateway: Parts) -> None:
        """Shut a device off: its live feeds end at once, it hands in what it has not sent and then wipes itself. 404
        for an account that is not below the office; any name is taken, since a device may be about to show itself."""
        office = offices_only(request)
        await _managed(gateway, office, data.alias)
        await gateway.audit.record(office.alias, "device_revoked", data.alias, device=data.device)
        await gateway.revocations.revoke(data.alias, data.device, office.alias, gateway.clock())

    @post("/wiped", operation_id="deviceWiped", status_code=204, opt={FOR_REVOKED: True})
    async def wiped(self, request: SessionRequest, data: JSONBody[Signed], gateway: Parts) -> None:
        """A revoked device's last word: it holds nothing any more; signed by its key, if it has one. 401
        ``device_key_wrong``."""
        session, now = request.user, gateway.clock()
        alias, device = session.account.alias, session.device
        if await gateway.keys.find(alias, device) is not None:
            await gateway.keys.require_signed(alias, device, f"wiped {alias} {device}", data.signature)
        if session.is_closed:  # all of its devices were shut off together
            await gateway.revocations.revoke(alias, device, "account_closed", now)
        await gateway.revocations.note_wiped(alias, device, now)


async def _devices(request: SessionRequest, gateway: Gateway) -> Devices:
    office = offices_only(request)
    records = [one for one in await gateway.staff.records() if office.may_manage(one.account)]
    accounts = [one.account for one in records]
    closed = {one.account.alias for one in records if not one.is_active}
    revoked = await gateway.revocations.all()
    by_alias: dict[str, dict[str, SyncHealth | None]] = {one.alias: {} for one in accounts}
    for health in await gateway.health_log.within(office_scope(office.divisions)):
        # one who moved was noted in both places
        if (devices := by_alias.get(health.alias)) is not None:
            known = devices.get(health.device)
            if known is None or known.synced_at < health.synced_at:
                devices[health.device] = health
    for alias, device in (*await gateway.keys.all(), *revoked):
        if alias in by_alias:
            by_alias[alias].setdefault(device, None)
    policy = (await gateway.installation.setup()).rulebook.policy
    views = [
        AccountDevices(one.alias, one.role, one.divisions, devices, one.alias in closed)
        for one in accounts
        for devices in [[_view(d, known, revoked.get((one.alias, d))) for d, known in by_alias[one.alias].items()]]
        if one.alias not in closed or any(device.wiped_at is None for device in devices)
    ]
    return Devices(gateway.clock(), policy.health, views)


def _view(device: str, health: SyncHealth | None, end: Revocation | None) -> DeviceView:
    synced_at, state = (None, None) if health is None else (health.synced_at, health.state)
    at, wiped_at = (None, None) if end is None else (end.at, end.wiped_at)
    return DeviceView(device, synced_at, state, at, wiped_at)


def _cells(device: DeviceView | None) -> list[Cell]:
    if device is None:
        return [None] * (len(_COLUMNS) - 4)
    state = device.state
    said: list[Cell] = [None] * 6
    if state is not None:
        left = None if state.storage_left is None else max(state.storage_left, 0) >> 20
        said = [
            state.pending,
            state.photos,
            state.refused,
            round(state.clock_offset_ms / 60_000),
            left,
            state.app_version,
        ]
    return [device.device, device.synced_at, *said, device.revoked_at, device.wiped_at]


async def _managed(gateway: Gateway, office: Account, alias: str) -> Account:
    """An account below the office. Raises ``NotFound``, the same for any other and for none."""
    record = await gateway.staff.find(alias)
    if record is None or not office.may_manage(record.account):
        raise NotFound("no_such_account", "下级没有这一账号。", "There is no such account below this office.")
    return record.account
