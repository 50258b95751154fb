"""The staff data base: accounts with their password hashes. Never replicated to any device."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.ids import CODE_LENGTHS, STAFF_DATABASE
from sync_api.access.accounts import LEVEL_OF_ROLE, Account
from sync_api.couch import Couch, CouchError
from sync_api.errors import Unauthorized

PASSWORD_CHARACTERS_MIN: Final = 10

_hasher = PasswordHasher()


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """Verified for unknown aliases, so that an answer's time does not tell which aliases exist."""
    return _hasher.hash("no such account")


class StaffError(Exception):
    """A staff command cannot be done; the message says why."""


class StaffRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: str = msgspec.field(name="_id")
    rev: str | None = msgspec.field(name="_rev", default=None)
    account: Account
    password_hash: str
    is_active: bool = True


def _record_id(alias: str) -> str:
    return f"staff:{alias}"


class Staff:
    """Reads and writes staff records."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def find(self, alias: str) -> StaffRecord | None:
        content = await self._couch.get(STAFF_DATABASE, _record_id(alias))
        return None if content is None else msgspec.json.decode(content, type=StaffRecord)

    async def active_account(self, alias: str) -> Account:
        """Raises ``Unauthorized`` when the account is gone or was closed."""
        record = await self.find(alias)
        if record is None or not record.is_active:
            raise Unauthorized("account_closed", "该账号已停用。", "This account is closed.")
        return record.account

    async def verify(self, alias: str, password: str) -> Account:
        """The account of a right alias and password. Raises ``Unauthorized``, the same for either being wrong."""
        record = await self.find(alias)
        hashed = record.password_hash if record is not None else _dummy_hash()
        is_right = await asyncio.to_thread(_matches, hashed, password)
        if record is None or not is_right or not record.is_active:
            raise Unauthorized("wrong_login", "账号或密码不正确。", "Wrong alias or password.")
        return record.account

    async def add(self, account: Account, password: str) -> None:
        """Add an account. Raises ``StaffError`` (bad division, short password, alias taken)."""
        check_account(account)
        if len(password) < PASSWORD_CHARACTERS_MIN:
            raise StaffError(f"the password needs at least {PASSWORD_CHARACTERS_MIN} characters")
        record = StaffRecord(id=_record_id(account.alias), account=account, password_hash=_hasher.hash(password))
        fields = {k: v for k, v in msgspec.to_builtins(record).items() if v is not None}
        try:
            await self._couch.put(STAFF_DATABASE, record.id, msgspec.json.encode(fields))
        except CouchError as error:
            if error.status == 409:
                raise StaffError(f"the alias {account.alias!r} is taken") from error
            raise


def check_account(account: Account) -> None:
    """Raises ``StaffError`` when a division does not fit the role."""
    lengths = {CODE_LENGTHS[level]: level for level in CODE_LENGTHS}
    for division in account.divisions:
        level = lengths.get(len(division))
        if not division.isdigit() or level not in LEVEL_OF_ROLE[account.role]:
            wanted = " or ".join(LEVEL_OF_ROLE[account.role])
            raise StaffError(f"the role {account.role} stands at a {wanted}, and {division!r} is no such code")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
