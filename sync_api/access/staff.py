"""The staff data base: accounts with their password hashes. Never replicated to any device."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.catalogue import default_catalogue
from models.ids import LEVELS, STAFF_DATABASE, is_division_code
from sync_api.access.accounts import LEVEL_OF_ROLE, Account, AssignedCase
from sync_api.couch import Couch, CouchError
from sync_api.errors import Unauthorized

PASSWORD_CHARACTERS_MIN: Final = 10
#: Writes that may cross with another gateway's before one gives up.
_TRIES_MAX: Final = 20

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


#: Where the records stand in the data base.
_STAFF, _STAFF_END = "staff:", "staff;"
_decode = msgspec.json.Decoder(StaffRecord).decode


def _record_id(alias: str) -> str:
    return f"{_STAFF}{alias}"


def _encoded(record: StaffRecord) -> bytes:
    return msgspec.json.encode({k: v for k, v in msgspec.to_builtins(record).items() if v is not None})


class Staff:
    """Reads and writes staff records."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch
        #: Changes heard, and the open accounts as of the last.
        self._moment = 0
        self._open: list[Account] | None = None

    async def find(self, alias: str) -> StaffRecord | None:
        content = await self._couch.get(STAFF_DATABASE, _record_id(alias))
        return None if content is None else _decode(content)

    def hear(self, document_id: str) -> None:
        """Something changed in the staff data base."""
        if document_id.startswith(_STAFF):
            self._moment += 1
            self._open = None

    def hear_connected(self, _: str) -> None:
        """The staff data base is followed from here on."""
        self._moment += 1
        self._open = None

    async def accounts(self) -> list[Account]:
        """All that are open, of the whole city; read once and again when one changed, as far as this is followed
        (``hear``)."""
        if self._open is not None:
            return self._open
        moment = self._moment
        rows = await self._couch.range_of(STAFF_DATABASE, _STAFF, _STAFF_END, include_docs=True)
        records = [_decode(row.doc) for row in rows if row.has_doc]
        found = [record.account for record in records if record.is_active]
        if moment == self._moment:
            self._open = found
        return found

    async def assign(self, department: str, village: str, case: str) -> None:
        """Let every open account of a department above a village see a case of it. Raises ``StaffError`` when an
        account changes all the time."""
        assigned = AssignedCase(village, case)
        for account in await self.accounts():
            if account.is_department_of(department, village) and assigned not in account.cases:
                await self._add_case(account.alias, assigned)

    async def _add_case(self, alias: str, assigned: AssignedCase) -> None:
        for _ in range(_TRIES_MAX):
            record = await self._existing(alias)
            if assigned in record.account.cases:
                return None
            record.account = msgspec.structs.replace(record.account, cases=(*record.account.cases, assigned))
            with suppress(StaffError):  # another gateway assigned one at the same moment
                return await self._save(record)
        raise StaffError(f"账号 {alias} 正被改动 / the account {alias!r} is being changed")

    async def set_active(self, alias: str, is_active: bool) -> None:
        """Close or open an account; every gateway hears of it. Raises ``StaffError`` where there is none."""
        record = await self._existing(alias)
        record.is_active = is_active
        await self._save(record)

    async def set_password(self, alias: str, password: str) -> None:
        """Give an account another password. What it has live ends, and begins anew where a device's key renews it.
        Raises ``StaffError``."""
        record = await self._existing(alias)
        record.password_hash = _hashed(password)
        await self._save(record)

    async def _existing(self, alias: str) -> StaffRecord:
        record = await self.find(alias)
        if record is None:
            raise StaffError(f"没有账号 {alias} / there is no account {alias!r}")
        return record

    async def _save(self, record: StaffRecord) -> None:
        try:
            await self._couch.put(STAFF_DATABASE, record.id, _encoded(record))
        except CouchError as error:
            if error.status == 409:
                raise StaffError(
                    "该账号刚刚被改动，请再试一次 / the account has just been changed: try again"
                ) from error
            raise

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

    async def add(self, account: Account, password: str, divisions: Container[str] | None = None) -> None:
        """Add an account. Raises ``StaffError`` (bad division, short password, alias taken).

        ``divisions``: the codes of the register; without them only the form of the account's codes is looked at.
        """
        check_account(account, divisions)
        record = _record(account, _hashed(password))
        try:
            await self._couch.put(STAFF_DATABASE, _record_id(account.alias), record)
        except CouchError as error:
            if error.status == 409:
                raise StaffError(f"账号 {account.alias} 已存在 / the alias {account.alias!r} is taken") from error
            raise

    async def add_all(self, accounts: Iterable[Account], password: str) -> None:
        """Add many accounts that share a password, into a store that has none of them."""
        hashed = _hashed(password)
        records = [_record(account, hashed) for account in accounts]
        if taken := [
            row.id for row in await self._couch.bulk_docs(STAFF_DATABASE, records, new_edits=True) if row.error
        ]:
            raise StaffError(f"账号已存在 / taken: {', '.join(taken[:3])}")


def _hashed(password: str) -> str:
    """Raises ``StaffError`` for a short one."""
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise StaffError(
            f"密码至少 {PASSWORD_CHARACTERS_MIN} 个字符 / "
            f"the password needs at least {PASSWORD_CHARACTERS_MIN} characters"
        )
    return _hasher.hash(password)


def _record(account: Account, password_hash: str) -> bytes:
    return _encoded(StaffRecord(id=_record_id(account.alias), account=account, password_hash=password_hash))


def check_account(account: Account, divisions: Container[str] | None = None) -> None:
    """Raises ``StaffError`` when a division does not fit the role, or is none of ``divisions`` where they are given."""
    if account.department is not None and account.role != "department":
        raise StaffError("只有部门账号才有部门 / only an account of the role department has a department")
    if account.department is not None and account.department not in default_catalogue().department_names:
        raise StaffError(f"没有“{account.department}”这个部门 / there is no department {account.department!r}")
    for division in account.divisions:
        if not is_division_code(division) or LEVELS[len(division)] not in LEVEL_OF_ROLE[account.role]:
            wanted = " or ".join(LEVEL_OF_ROLE[account.role])
            raise StaffError(
                f"角色 {account.role} 的区划代码应为 {wanted} 级，{division!r} 不是 / "
                f"the role {account.role} stands at a {wanted}, and {division!r} is no such code"
            )
        if divisions is not None and division not in divisions:
            raise StaffError(
                f"区划 {division} 不在已导入的区划中 / the division {division} is not in the register that was imported"
            )


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
