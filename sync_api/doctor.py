"""Whether an installation is sound: what ``d110 doctor`` looks at, each finding with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from models.audit import DECIDING_KINDS, EVENT_ACTIONS, AuditEntry, decision_of, first_fault
from models.documents import AnyEvent
from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE, database_of
from sync_api.access.staff import Staff
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable
from sync_api.installation import Installation, NotSetUp
from sync_api.sealed.store import SealedStore
from sync_api.stored import readable

_AT_ONCE: Final = 500


class Finding(msgspec.Struct):
    """What one look found. ``zh`` and ``en`` say what is there, or what to do about it."""

    name: str
    is_sound: bool
    zh: str
    en: str


async def examine(
    couch: Couch, installation: Installation, audit: AuditLog, sealed: SealedStore
) -> AsyncIterator[Finding]:
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
    yield await _sealed(sealed)
    try:
        entries = [entry async for entry in audit.entries()]
    except (CouchError, msgspec.MsgspecError) as error:
        yield Finding("audit", False, f"审计日志无法读取：{error}", f"the audit log cannot be read: {error}")
        return
    yield _audit(entries)
    yield await _decided(couch, installation, entries)


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


async def _sealed(sealed: SealedStore) -> Finding:
    cases = await sealed.cases()
    closed = await sealed.closed_keys()
    if closed:
        zh = f"{len(cases)} 件事项有封存内容，{len(closed)} 件打不开：密钥没有恢复，或 D110_SEAL_SECRET 不是封存时的"
        en = f"{len(cases)} cases have sealed text, {len(closed)} of which do not open: their keys were not restored, "
        return Finding("sealed", False, zh, f"{en}or D110_SEAL_SECRET is another one than then")
    return Finding(
        "sealed", True, f"{len(cases)} 件事项有封存内容，都能打开", f"{len(cases)} cases have sealed text; all open"
    )


def _audit(entries: list[AuditEntry]) -> Finding:
    fault = first_fault(entries)
    if fault is not None:
        number, zh, en = fault
        return Finding("audit", False, f"审计日志第 {number} 条：{zh}", f"audit log, entry {number}: {en}")
    head = entries[-1].hash if entries else "–"
    zh = f"审计日志 {len(entries)} 条，首尾相接；请抄存末条：{head}"
    return Finding(
        "audit", True, zh, f"audit log: {len(entries)} entries, an unbroken chain; keep a copy of its end: {head}"
    )


async def _decided(couch: Couch, installation: Installation, entries: list[AuditEntry]) -> Finding:
    """Whether the store holds the decisions and lots that the log speaks of, as it says them, and no others. An
    entry is written before what it says takes effect: one whose event never came to be, since the store failed at that
    moment and nobody tried again, looks as one that was taken out; a person has to tell which it is."""
    logged = {entry.subject: entry for entry in entries if entry.action in EVENT_ACTIONS}
    databases = {database_of(one) for one in logged}
    try:
        register = (await installation.setup()).register
        databases |= {database_of(code) for code in (installation.city, *register.counties)}
    except NotSetUp:
        pass  # said already
    missing, changed, unlogged = dict.fromkeys(logged), list[str](), list[str]()
    for database in sorted(databases):
        async for document in _deciding(couch, database):
            entry, said = logged.get(document.id), decision_of(document)
            if entry is not None:
                missing.pop(document.id, None)
                if said is None or said[0] != entry.action or not entry.details.items() <= said[1].items():
                    changed.append(document.id)
            elif said is not None and not document.simulated:
                unlogged.append(document.id)
    faults = (
        (sorted(missing), "日志记载、库中没有", "in the log and not in the store"),
        (changed, "库中的与日志所记不同", "in the store otherwise than logged"),
        (unlogged, "库中有、日志没有记载", "in the store and not in the log"),
    )
    if any(ids for ids, _, _ in faults):
        zh = "；".join(f"{words} {len(ids)} 项，例如 {ids[0]}" for ids, words, _ in faults if ids)
        en = "; ".join(f"{len(ids)} {words}, such as {ids[0]}" for ids, _, words in faults if ids)
        return Finding("decided", False, f"决定和抽签：{zh}", f"decisions and lots: {en}")
    return Finding(
        "decided",
        True,
        f"日志记载的 {len(logged)} 项决定和抽签都在库中，一字不差，别无其他",
        f"{len(logged)} decisions and lots of the log are in the store as they were logged, and no others",
    )


async def _deciding(couch: Couch, database: str) -> AsyncIterator[AnyEvent]:
    """The events of a database that may decide something."""
    rows = await couch.range_of(database, "0", ":")
    ids = [
        row.id for row in rows if row.id is not None and row.id.partition(":")[2].partition(":")[0] in DECIDING_KINDS
    ]
    for start in range(0, len(ids), _AT_ONCE):
        for document in readable(await couch.rows_of(database, ids[start : start + _AT_ONCE], include_docs=True)):
            if isinstance(document, AnyEvent):
                yield document
