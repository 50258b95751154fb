"""Whether an installation is sound: what ``d110 doctor`` looks at, each finding with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from models.audit import AuditEntry, first_fault
from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE, database_of
from sync_api.access.staff import Staff
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable
from sync_api.installation import Installation, NotSetUp


class Finding(msgspec.Struct):
    """What one look found. ``zh`` and ``en`` say what is there, or what to do about it."""

    name: str
    is_sound: bool
    zh: str
    en: str


async def examine(couch: Couch, installation: Installation, audit: AuditLog) -> AsyncIterator[Finding]:
    """Look at everything in turn; where the store is down nothing else is looked at."""
    try:
        uuid = await couch.server_uuid()
    except (StoreUnavailable, CouchError) as error:
        yield Finding("store", False, f"数据库没有应答：{error}", f"the store does not answer: {error}")
        return
    yield Finding("store", True, f"数据库在运行（{uuid[:8]}）", f"the store answers ({uuid[:8]})")
    async for finding in _setup(couch, installation):
        yield finding
    yield await _accounts(couch)
    yield await _quarantine(couch)
    yield await _audit(audit)


async def _setup(couch: Couch, installation: Installation) -> AsyncIterator[Finding]:
    try:
        setup = await installation.setup()
    except NotSetUp as error:
        yield Finding("register", False, error.zh, error.en)
        return
    register, rulebook = setup.register, setup.rulebook
    count = len(register.villages)
    yield Finding("register", True, f"区划登记：{count} 个村", f"register: {count} villages")
    versions = f"{rulebook.catalogue.version}, {rulebook.policy.version}"
    yield Finding("rules", True, f"指标体系与政策：{versions}", f"catalogue and policy: {versions}")
    for county in register.counties:
        yield await _lights(couch, database_of(county), [v for v in register.villages if v.startswith(county)])


async def _lights(couch: Couch, database: str, villages: list[str]) -> Finding:
    try:
        rows = await couch.rows_of(database, [f"{village}:lights" for village in villages])
    except CouchError as error:
        return Finding(database, False, f"无法读取：{error}", f"cannot be read: {error}")
    lacking = sum(row.error is not None for row in rows)
    if lacking:
        zh = f"{lacking} 个村还没有灯：请运行 d110 nightly"
        return Finding(database, False, zh, f"{lacking} villages have no lights yet: run `d110 nightly`")
    return Finding(database, True, f"{len(villages)} 个村的灯都在", f"lights of all {len(villages)} villages are there")


async def _accounts(couch: Couch) -> Finding:
    try:
        accounts = await Staff(couch).accounts()
    except CouchError as error:
        if error.status != 404:
            return Finding(STAFF_DATABASE, False, f"无法读取：{error}", f"cannot be read: {error}")
        accounts = []
    offices = sum(account.is_office for account in accounts)
    if not offices:
        zh, en = (
            "还没有管理站、管理中心的账号：请运行 d110 staff add",
            "no office has an account yet: run `d110 staff add`",
        )
        return Finding(STAFF_DATABASE, False, zh, en)
    zh, en = f"{len(accounts)} 个在用账号", f"{len(accounts)} accounts are open"
    return Finding(STAFF_DATABASE, True, zh, en)


async def _quarantine(couch: Couch) -> Finding:
    try:
        rows = await couch.range_of(QUARANTINE_DATABASE, "0", ":")
    except CouchError as error:
        if error.status != 404:
            return Finding(QUARANTINE_DATABASE, False, f"无法读取：{error}", f"cannot be read: {error}")
        rows = []
    return Finding(QUARANTINE_DATABASE, True, f"退回过 {len(rows)} 条", f"{len(rows)} documents were refused so far")


async def _audit(audit: AuditLog) -> Finding:
    try:
        entries: list[AuditEntry] = [entry async for entry in audit.entries()]
    except (CouchError, msgspec.MsgspecError) as error:
        return Finding("audit", False, f"审计日志无法读取：{error}", f"the audit log cannot be read: {error}")
    fault = first_fault(entries)
    if fault is not None:
        number, zh, en = fault
        return Finding("audit", False, f"审计日志第 {number} 条：{zh}", f"audit log, entry {number}: {en}")
    head = entries[-1].hash if entries else "–"
    zh = f"审计日志 {len(entries)} 条，首尾相接；请抄存末条：{head}"
    return Finding(
        "audit", True, zh, f"audit log: {len(entries)} entries, an unbroken chain; keep a copy of its end: {head}"
    )
