"""The staff data base: accounts with their password hashes. Never replicated to any device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.catalogue import default_catalogue
from models.ids import LEVELS, STAFF_DATABASE, is_division_code
from models.personal_numbers import has_personal_number
from sync_api.access.accounts import LEVEL_OF_ROLE, Account, AssignedCase
from sync_api.couch import Couch, CouchError
from sync_api.errors import Busy, Unauthorized

PASSWORD_CHARACTERS_MIN: Final = 10
#: Writes that may cross with another gateway's before one gives up.
_TRIES_MAX: Final = 20

#: RFC 9106's parameters for little memory, on one lane: four would take all cores at once.
_hasher = PasswordHasher(parallelism=1)
#: Hashing a password takes a core for a tenth of a second or more: one at a time, and apart from the threads that pack
#: answers, so that a row of log-ins stops nobody's sync. So many may wait for it.
HASHING_MAX: Final = 20
_hashing = ThreadPoolExecutor(1, "password")


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
    #: How often the password was changed.
    epoch: int = 0


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
        #: Changes heard, and the records as of the last.
        self._moment = 0
        self._all: list[StaffRecord] | None = None
        self._verifying = 0

    async def find(self, alias: str) -> StaffRecord | None:
        content = await self._couch.get(STAFF_DATABASE, _record_id(alias))
        return None if content is None else _decode(content)

    def hear(self, document_id: str) -> None:
        """Something changed in the staff data base."""
        if document_id.startswith(_STAFF):
            self._moment += 1
            self._all = None

    def hear_connected(self, _: str) -> None:
        """The staff data base is followed from here on."""
        self._moment += 1
        self._all = None

    async def records(self) -> list[StaffRecord]:
        """All of the whole city, closed ones too; read once and again when one changed, as far as this is followed
        (``hear``)."""
        if self._all is not None:
            return self._all
        moment = self._moment
        rows = await self._couch.range_of(STAFF_DATABASE, _STAFF, _STAFF_END, include_docs=True)
        found = [_decode(row.doc) for row in rows if row.has_doc]
        if moment == self._moment:
            self._all = found
        return found

    async def accounts(self) -> list[Account]:
        """All that are open."""
        return [record.account for record in await self.records() if record.is_active]

    async def assign(self, department: str, of: str, village: str, case: str) -> None:
        """Let every open account of a department see a case; ``of``: the county or the city that it belongs to. Raises
        ``StaffError`` when an account changes all the time."""
        assigned = AssignedCase(village, case)
        for account in await self.accounts():
            if account.is_department_of(department, of) and assigned not in account.cases:
                await self._add_case(account.alias, assigned)

    async def take_back(self, department: str, village: str, case: str) -> None:
        """Let no account of a department see a case any more that it was given by mistake. Raises as ``assign``."""
        given = AssignedCase(village, case)
        for account in await self.accounts():
            if account.department == department and given in account.cases:
                await self._change_cases(account.alias, lambda cases: tuple(one for one in cases if one != given))

    async def _add_case(self, alias: str, assigned: AssignedCase) -> None:
        await self._change_cases(alias, lambda cases: cases if assigned in cases else (*cases, assigned))

    async def _change_cases(
        self, alias: str, change: Callable[[tuple[AssignedCase, ...]], tuple[AssignedCase, ...]]
    ) -> None:
        for _ in range(_TRIES_MAX):
            record = await self._existing(alias)
            cases = change(record.account.cases)
            if cases == record.account.cases:
                return None
            record.account = msgspec.structs.replace(record.account, cases=cases)
            with suppress(StaffError):  # another gateway assigned one at the same moment
                return await self._save(record)
        raise StaffError(f"账号 {alias} 正被改动 / the account {alias!r} is being changed")

    async def set_active(self, alias: str, is_active: bool) -> None:
        """Close or open an account; every gateway hears of it. Raises ``StaffError`` where there is none."""
        record = await self._existing(alias)
        record.is_active = is_active
        await self._save(record)

    async def move(self, alias: str, divisions: tuple[str, ...], known: Container[str] | None = None) -> None:
        """Let an account work elsewhere from now on; where it worked before is kept with it. ``known`` as in ``add``.
        Raises ``StaffError``."""
        record = await self._existing(alias)
        before = record.account
        former = tuple(sorted({*before.former, *before.divisions} - set(divisions)))
        record.account = msgspec.structs.replace(before, divisions=divisions, former=former)
        check_account(record.account, known)
        await self._save(record)

    async def set_password(self, alias: str, password: str) -> None:
        """Give an account another password. All that it has live ends, on every device, until the new password is
        given; what a tablet holds stays there until then. Raises ``StaffError``."""
        record = await self._existing(alias)
        record.password_hash = _hashed(password)
        record.epoch += 1
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

    async def existing(self, alias: str, epoch: int | None = None) -> StaffRecord:
        """Raises ``Unauthorized`` when the account is gone, or has another password than that of an ``epoch``. One that
        was closed may hand in, and nothing else."""
        record = await self.find(alias)
        if record is None:
            raise account_closed()
        if epoch is not None and epoch != record.epoch:
            raise Unauthorized("session_expired", "密码已更改，请重新登录。", "The password was changed: log in again.")
        return record

    async def active_account(self, alias: str) -> Account:
        """Raises ``Unauthorized`` when the account is gone or was closed."""
        record = await self.existing(alias)
        if not record.is_active:
            raise account_closed()
        return record.account

    async def verify(self, alias: str, password: str) -> StaffRecord:
        """The record of a right alias and password, also of a closed account: who knows its password is told so, and
        may hand in what a tablet still holds. Raises ``Unauthorized``, the same for either being wrong."""
        record = await self.find(alias)
        hashed = record.password_hash if record is not None else _dummy_hash()
        is_right = await self._matches(hashed, password)
        if record is None or not is_right:
            raise Unauthorized("wrong_login", "账号或密码不正确。", "Wrong alias or password.")
        return record

    async def _matches(self, hashed: str, password: str) -> bool:
        """Raises ``Busy`` when too many wait already."""
        if self._verifying >= HASHING_MAX:
            raise Busy
        self._verifying += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(_hashing, _matches, hashed, password)
        finally:
            self._verifying -= 1

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


def account_closed() -> Unauthorized:
    return Unauthorized(
        "account_closed",
        "该账号已停用。平板上没有上报的内容会先交给管理站，然后清除。",
        "This account is closed. What a tablet has not sent goes to the station first; then the tablet is wiped.",
    )


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
    """Raises ``StaffError`` when a division does not fit the role, or is none of ``divisions`` where they are given;
    and for an alias that is somebody's number: it stands in every id that the account writes."""
    if has_personal_number(account.alias):
        raise StaffError("账号名不能是身份证号或电话号码 / an alias is no identity-card or telephone number")
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
