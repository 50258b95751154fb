"""Log-in, refresh, log-out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import JSONBody
from msgspec import Meta

from models.divisions import Register
from models.documents import Device
from models.personal_numbers import has_personal_number
from sync_api.access.accounts import Account, Role
from sync_api.access.gate import COOKIE
from sync_api.access.staff import StaffRecord
from sync_api.devices.keys import DeviceKey
from sync_api.errors import BadRequest
from sync_api.parts import Gateway, Parts, SessionRequest, address_of, requires_session

AnyRequest = Request[object, object, State]


class Login(msgspec.Struct):
    """``cookie``: whether pictures and streams are asked for by this log-in, as the board's are; a tablet beside it in
    one browser has no part in that."""

    alias: Annotated[str, Meta(max_length=64)]
    password: Annotated[str, Meta(max_length=256)]
    device: Device = "browser"
    key: DeviceKey | None = None
    cookie: bool = True


class Refresh(msgspec.Struct):
    """``signature``: of the refresh token itself, by the device's key. Each token is a new one, so is its signature.
    ``cookie`` as at the log-in."""

    refresh_token: Annotated[str, Meta(max_length=2_000)]
    signature: Annotated[str, Meta(max_length=200)]
    cookie: bool = True


Code = Annotated[str, Meta(min_length=16, max_length=64)]


class LookedAt(msgspec.Struct):
    code: Code


class Enrol(msgspec.Struct):
    code: Code
    device: Device
    key: DeviceKey


class OfferView(msgspec.Struct):
    """Whose account a code is for; ``places`` are the names of its divisions."""

    alias: str
    role: Role
    places: list[str]


class AccountView(msgspec.Struct):
    """``databases``: what the account's tablet replicates with."""

    alias: str
    role: Role
    divisions: tuple[str, ...]
    databases: tuple[str, ...]


class LoggedIn(msgspec.Struct):
    """``expires_in`` in seconds, of the access token. Without a key of the device there is no refresh token, since
    whoever copied it could use it: the password is asked for again. ``is_closed``: the account was closed, and serves
    for handing in only. ``parcel_key``: what parcels are sealed to (base64url of the point), for a tablet to keep until
    it has no network."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    account: AccountView
    is_closed: bool = False
    parcel_key: str = ""


def view_of(account: Account, register: Register) -> AccountView:
    return AccountView(account.alias, account.role, account.divisions, account.databases(register.counties))


def _require_no_number(device: str) -> None:
    """A device's name stands in its receipts, which others hold. Those that tablets make are random letters and digits,
    and are never all digits."""
    if device.replace("-", "").replace("_", "").isdigit() and has_personal_number(device):
        zh, en = "设备名不能是身份证号或电话号码。", "A device is not named by an identity-card or telephone number."
        raise BadRequest("personal_number", zh, en)


class AccessController(Controller):
    path = "/auth"
    tags = ("access",)

    @post("/login", operation_id="login", status_code=200)
    async def login(self, request: AnyRequest, data: JSONBody[Login], gateway: Parts) -> Response[LoggedIn]:
        """Log in on a device, which is enrolled by its key. 400 ``personal_number``; 401 ``wrong_login``; 409
        ``device_taken``; 429 ``too_many_attempts`` with Retry-After."""
        _require_no_number(data.device)
        record = await gateway.gate.log_in(data.alias, data.password, address_of(request))
        if data.key is not None:
            await gateway.keys.enrol(record.account.alias, data.device, data.key, gateway.clock())
        has_key = data.key is not None
        return await _answer(gateway, record, data.device, request, has_key=has_key, has_cookie=data.cookie)

    @post("/enrol/look", operation_id="lookAtEnrolment", status_code=200)
    async def look_at_enrolment(self, request: AnyRequest, data: JSONBody[LookedAt], gateway: Parts) -> OfferView:
        """Whose account a code is for; it stays valid. 404 ``no_such_enrolment``; 401 ``account_closed``; 429
        ``too_many_attempts``."""
        account = await _offered(gateway, request, data.code)
        register = (await gateway.installation.setup()).register
        places = [register.divisions[d].name if d in register.divisions else d for d in account.divisions]
        return OfferView(account.alias, account.role, places)

    @post("/enrol", operation_id="enrol", status_code=200)
    async def enrol(self, request: AnyRequest, data: JSONBody[Enrol], gateway: Parts) -> Response[LoggedIn]:
        """Redeem a code, once: the device is enrolled and logged in. As ``/enrol/look``; 409 ``device_taken``."""
        data.key.check()
        _require_no_number(data.device)
        now, by = gateway.clock(), f"{data.device} {data.key.x} {data.key.y}"
        offered = await _offered(gateway, request, data.code, by)
        await gateway.keys.require_free(
            offered.alias, data.device, data.key
        )  # or the code would be used up for nothing
        record = await gateway.staff.existing(await gateway.enrolments.redeem(data.code, by, now))
        await gateway.keys.enrol(record.account.alias, data.device, data.key, now)
        return await _answer(gateway, record, data.device, request, has_key=True, has_cookie=False)

    @post("/refresh", operation_id="refresh", status_code=200)
    async def refresh(self, request: AnyRequest, data: JSONBody[Refresh], gateway: Parts) -> Response[LoggedIn]:
        """A new pair of tokens. 401 ``session_expired``, ``token_invalid``, ``device_key_wrong`` or
        ``account_closed`` (gone altogether). A revoked device gets them, and that of a closed account, too: with
        nothing else it could hand in what it holds."""
        claims = gateway.tokens.read(data.refresh_token, "refresh", gateway.clock())
        await gateway.keys.require_signed(claims.sub, claims.device, data.refresh_token, data.signature)
        record = await gateway.staff.existing(claims.sub, claims.epoch)
        return await _answer(gateway, record, claims.device, request, has_key=True, has_cookie=data.cookie)

    @post("/logout", operation_id="logout", status_code=204)
    async def logout(self) -> Response[None]:
        """Forget the browser's cookie, and the pictures it shows. The tablet forgets its tokens by itself."""
        cookie = Cookie(key=COOKIE, value="", max_age=0, path="/")
        return Response(None, status_code=204, cookies=[cookie], headers={"Clear-Site-Data": '"cache"'})

    @get("/me", operation_id="me", guards=[requires_session])
    async def me(self, request: SessionRequest, gateway: Parts) -> AccountView:
        return view_of(request.user.account, (await gateway.installation.setup()).register)


async def _offered(gateway: Gateway, request: AnyRequest, code: str, by: str = "") -> Account:
    address = address_of(request)
    gateway.login_limit.check_code(address, gateway.clock())
    offer = await gateway.enrolments.look(code, gateway.clock(), by)
    gateway.login_limit.code_was_right(address)
    return await gateway.staff.active_account(offer.alias)


async def _answer(
    gateway: Gateway, record: StaffRecord, device: str, request: AnyRequest, *, has_key: bool, has_cookie: bool
) -> Response[LoggedIn]:
    account = record.account
    register = (await gateway.installation.setup()).register
    tokens, now = gateway.tokens, gateway.clock()
    access = tokens.issue(account.alias, device, "access", now, record.epoch)
    seconds = tokens.seconds("access")
    body = LoggedIn(
        access_token=access,
        refresh_token=tokens.issue(account.alias, device, "refresh", now, record.epoch) if has_key else None,
        expires_in=seconds,
        account=view_of(account, register),
        is_closed=not record.is_active,
        parcel_key=gateway.parcel_key.public,
    )
    is_secure = request.url.scheme == "https"
    cookie = Cookie(
        key=COOKIE, value=access, httponly=True, samesite="strict", secure=is_secure, path="/", max_age=seconds
    )
    cookies = [cookie] if has_cookie else []
    return Response(body, status_code=200, cookies=cookies, headers={"Cache-Control": "no-store"})
