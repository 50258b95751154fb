"""From a request to a session: bearer token, HTTP Basic (stock clients, replicators) or, for reading, the cookie."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from sync_api.access.accounts import Session
from sync_api.access.limits import LoginLimit
from sync_api.access.staff import Staff, StaffRecord
from sync_api.access.tokens import Claims, Tokens
from sync_api.devices.revocations import Revocations
from sync_api.errors import Unauthorized

COOKIE: Final = "d110_access"
#: Accounts are read anew this often, so a closed account is out within a minute.
ACCOUNT_AGE_MAX: Final = timedelta(seconds=60)
#: Ten thousand tablets ask 33 times a second, since a long poll lasts five minutes: 2,000 in a minute.
REMEMBERED_MAX: Final = 2_048
ENDED_MAX: Final = 4_096
BASIC_DEVICE: Final = "basic"


class Watch:
    """Whether the session of a live request has ended since it began. Thousands are held, so it is small."""

    __slots__ = ("_began", "_device", "_ended", "alias")

    def __init__(self, ended: Mapping[str, int], alias: str, device: str, began: int) -> None:
        self._ended, self.alias, self._device, self._began = ended, alias, device, began

    def check(self) -> None:
        """Raises ``Unauthorized`` once it has."""
        ended = self._ended.get
        if max(ended(self.alias, 0), ended(f"{self.alias}.{self._device}", 0)) > self._began:
            raise Unauthorized("session_ended", "账号或设备有变动，请重新连接。", "The account or device changed.")


#: Of nobody: it never ends.
ENDLESS: Final = Watch({}, "", "", 0)


class Gate:
    """Finds the session of a request. Remembers sessions and verified passwords (hashed) for a minute, or until the
    account or device changes in the store (``hear``)."""

    def __init__(
        self,
        staff: Staff,
        revocations: Revocations,
        tokens: Tokens,
        login_limit: LoginLimit,
        clock: Callable[[], datetime],
        wake: Callable[[str], None],
    ) -> None:
        """``wake`` lets the live requests of an alias look whether they are over."""
        self._staff, self._revocations, self._tokens = staff, revocations, tokens
        self._login_limit, self._clock, self._wake = login_limit, clock, wake
        self._remembered: OrderedDict[str, tuple[datetime, Session]] = OrderedDict()
        #: Changes heard, and at which of them the sessions of an alias, or of a device of one, ended last.
        self._moment = 0
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._ended: OrderedDict[str, int] = OrderedDict()

    async def session(self, authorization: str | None, cookie: str | None, address: str) -> Session:
        """``address`` is the client's. Raises ``Unauthorized``, or ``TooManyRequests`` for a guesser."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._of_claims(self._tokens.read(credentials, "access", self._clock()))
        if scheme.lower() == "basic":
            return await self._of_basic(credentials, address)
        if cookie is not None:
            return await self._of_claims(self._tokens.read(cookie, "access", self._clock()))
        raise Unauthorized("not_logged_in", "请先登录。", "Log in first.")

    async def session_of(self, alias: str, device: str) -> Session | None:
        """As what an account's device would be served now, if it came itself; None where there is no such account."""
        moment = self._moment
        record, revocation = await asyncio.gather(self._staff.find(alias), self._revocations.find(alias, device))
        return None if record is None else _session(record, device, moment, is_shut_off=revocation is not None)

    def hear(self, document_id: str) -> None:
        """An account or a device changed in the staff data base: its sessions end; whoever still may begins anew."""
        kind, _, name = document_id.partition(":")
        alias = name.partition(".")[0]
        if kind not in ("staff", "device"):
            return
        for key in [k for k, (_, session) in self._remembered.items() if session.account.alias == alias]:
            del self._remembered[key]
        self._moment += 1
        self._ended[name] = self._moment
        self._ended.move_to_end(name)
        while len(self._ended) > ENDED_MAX:
            self._ended.popitem(last=False)
        self._wake(alias)

    def hear_connected(self, _: str) -> None:
        """The staff data base is followed from here on: what is remembered may be from before."""
        self._remembered.clear()

    def watch(self, session: Session) -> Watch:
        """What a live request looks at when it is woken. It counts from when the session was read: what was heard
        between that and the request's beginning ends it, too."""
        return Watch(self._ended, session.account.alias, session.device, session.moment)

    async def _of_claims(self, claims: Claims) -> Session:
        key = f"alias {claims.sub}.{claims.device} {claims.epoch}"
        session = self._recall(key)
        if session is None:
            moment = self._moment
            record, revocation = await asyncio.gather(
                self._staff.existing(claims.sub, claims.epoch), self._revocations.find(claims.sub, claims.device)
            )
            session = _session(record, claims.device, moment, is_shut_off=revocation is not None)
            self._remember(key, session)
        return session

    async def _of_basic(self, credentials: str, address: str) -> Session:
        key = "basic " + hashlib.sha256(credentials.encode()).hexdigest()
        if (session := self._recall(key)) is not None:
            return session
        try:
            alias, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Unauthorized("wrong_login", "账号或密码不正确。", "Wrong alias or password.") from error
        async with self._turn(key):  # of many requests at once, as stock clients send them, one asks
            if (session := self._recall(key)) is None:
                moment = self._moment
                record = await self.log_in(alias, password, address)
                session = _session(record, BASIC_DEVICE, moment, is_shut_off=False)
                self._remember(key, session)
        return session

    async def log_in(self, alias: str, password: str, address: str) -> StaffRecord:
        """The record of a right alias and password. Raises ``Unauthorized``, or ``TooManyRequests`` for a guesser. From
        one address one try of an alias is looked at after the other, so that only what has failed need be counted."""
        async with self._turn(f"log-in {alias} {address}"):
            self._login_limit.check(alias, address, self._clock())
            try:
                record = await self._staff.verify(alias, password)
            except Unauthorized:
                self._login_limit.failed(alias, address, self._clock())
                raise
            self._login_limit.succeeded(alias, address)
        return record

    def _turn(self, name: str) -> asyncio.Lock:
        return self._turns.setdefault(name, asyncio.Lock())

    def _recall(self, key: str) -> Session | None:
        found = self._remembered.get(key)
        return found[1] if found is not None and self._clock() - found[0] < ACCOUNT_AGE_MAX else None

    def _remember(self, key: str, session: Session) -> None:
        """Not when something changed since its reading began: what was read may be from before."""
        if session.moment != self._moment:
            return
        self._remembered[key] = (self._clock(), session)
        self._remembered.move_to_end(key)
        while len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)


def _session(record: StaffRecord, device: str, moment: int, *, is_shut_off: bool) -> Session:
    """The devices of an account that was closed are all shut off."""
    is_closed = not record.is_active
    return Session(record.account, device, is_revoked=is_shut_off or is_closed, is_closed=is_closed, moment=moment)
