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
from sync_api.access.accounts import Account, Role
from sync_api.access.gate import COOKIE
from sync_api.parts import Gateway, Parts, SessionRequest, address_of, requires_session

AnyRequest = Request[object, object, State]


class Login(msgspec.Struct):
    alias: Annotated[str, Meta(max_length=64)]
    password: Annotated[str, Meta(max_length=256)]
    device: Device = "browser"


class Refresh(msgspec.Struct):
    refresh_token: str


class AccountView(msgspec.Struct):
    """``databases``: what the account's tablet replicates with."""

    alias: str
    role: Role
    divisions: tuple[str, ...]
    databases: tuple[str, ...]


class LoggedIn(msgspec.Struct):
    """``expires_in`` in seconds, of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    account: AccountView


def view_of(account: Account, register: Register) -> AccountView:
    return AccountView(account.alias, account.role, account.divisions, account.databases(register.counties))


class AccessController(Controller):
    path = "/auth"
    tags = ("access",)

    @post("/login", operation_id="login", status_code=200)
    async def login(
        self, request: Request[object, object, State], data: JSONBody[Login], gateway: Parts
    ) -> Response[LoggedIn]:
        """Log in on a device. 401 ``wrong_login``; 429 ``too_many_attempts`` with Retry-After."""
        account = await gateway.gate.log_in(data.alias, data.password, address_of(request))
        return await _answer(gateway, account, data.device, is_secure=request.url.scheme == "https")

    @post("/refresh", operation_id="refresh", status_code=200)
    async def refresh(
        self, request: Request[object, object, State], data: JSONBody[Refresh], gateway: Parts
    ) -> Response[LoggedIn]:
        """A new pair of tokens. 401 ``session_expired``, ``token_invalid`` or ``account_closed``."""
        claims = gateway.tokens.read(data.refresh_token, "refresh", gateway.clock())
        account = await gateway.staff.active_account(claims.sub)
        return await _answer(gateway, account, claims.device, is_secure=request.url.scheme == "https")

    @post("/logout", operation_id="logout", status_code=204)
    async def logout(self) -> Response[None]:
        """Forget the browser's cookie. The tablet forgets its tokens by itself."""
        return Response(None, status_code=204, cookies=[Cookie(key=COOKIE, value="", max_age=0, path="/")])

    @get("/me", operation_id="me", guards=[requires_session])
    async def me(self, request: SessionRequest, gateway: Parts) -> AccountView:
        return view_of(request.user.account, (await gateway.installation.setup()).register)


async def _answer(gateway: Gateway, account: Account, device: str, *, is_secure: bool) -> Response[LoggedIn]:
    register = (await gateway.installation.setup()).register
    tokens, now = gateway.tokens, gateway.clock()
    access = tokens.issue(account.alias, device, "access", now)
    seconds = tokens.seconds("access")
    body = LoggedIn(
        access_token=access,
        refresh_token=tokens.issue(account.alias, device, "refresh", now),
        expires_in=seconds,
        account=view_of(account, register),
    )
    cookie = Cookie(
        key=COOKIE, value=access, httponly=True, samesite="strict", secure=is_secure, path="/", max_age=seconds
    )
    return Response(body, status_code=200, cookies=[cookie], headers={"Cache-Control": "no-store"})
