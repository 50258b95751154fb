"""From a request to a session: bearer token, HTTP Basic (stock clients, replicators) or, for reading, the cookie."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sync_api.access.accounts import Account, Session
from sync_api.access.limits import LoginLimit
from sync_api.access.staff import Staff
from sync_api.access.tokens import Claims, Tokens
from sync_api.errors import Unauthorized

COOKIE: Final = "d110_access"
#: Accounts are read anew this often, so a closed account is out within a minute.
ACCOUNT_AGE_MAX: Final = timedelta(seconds=60)
REMEMBERED_MAX: Final = 4_096
BASIC_DEVICE: Final = "basic"


class Gate:
    """Finds the session of a request. Remembers accounts and verified passwords (hashed) for a minute."""

    def __init__(self, staff: Staff, tokens: Tokens, login_limit: LoginLimit, clock: Callable[[], datetime]) -> None:
        self._staff, self._tokens, self._login_limit, self._clock = staff, tokens, login_limit, clock
        self._remembered: OrderedDict[str, tuple[datetime, Account]] = OrderedDict()

    async def session(self, authorization: str | None, cookie: str | None, address: str) -> Session:
        """``address`` is the client's. Raises ``Unauthorized``, or ``TooManyRequests`` for a guesser."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._of_claims(self._tokens.read(credentials, "access", self._clock()))
        if scheme.lower() == "basic":
            return Session(await self._of_basic(credentials, address), BASIC_DEVICE)
        if cookie is not None:
            return await self._of_claims(self._tokens.read(cookie, "access", self._clock()))
        raise Unauthorized("not_logged_in", "请先登录。", "Log in first.")

    async def _of_claims(self, claims: Claims) -> Session:
        key = f"alias {claims.sub}"
        account = self._recall(key)
        if account is None:
            account = await self._staff.active_account(claims.sub)
            self._remember(key, account)
        return Session(account, claims.device)

    async def _of_basic(self, credentials: str, address: str) -> Account:
        key = "basic " + hashlib.sha256(credentials.encode()).hexdigest()
        account = self._recall(key)
        if account is None:
            try:
                alias, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise Unauthorized("wrong_login", "账号或密码不正确。", "Wrong alias or password.") from error
            account = await self.log_in(alias, password, address)
            self._remember(key, account)
        return account

    async def log_in(self, alias: str, password: str, address: str) -> Account:
        """The account of a right alias and password. Raises ``Unauthorized``, or ``TooManyRequests`` for a guesser."""
        self._login_limit.check(alias, address, self._clock())
        account = await self._staff.verify(alias, password)
        self._login_limit.succeeded(alias, address)
        return account

    def _recall(self, key: str) -> Account | None:
        found = self._remembered.get(key)
        return found[1] if found is not None and self._clock() - found[0] < ACCOUNT_AGE_MAX else None

    def _remember(self, key: str, account: Account) -> None:
        self._remembered[key] = (self._clock(), account)
        self._remembered.move_to_end(key)
        while len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
