"""``d110`` commands of the gateway: serve, staff, devices, quarantine, audit, doctor."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Container
from contextlib import AsyncExitStack, ExitStack, closing
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import click
import msgspec
import segno

from models.audit import AuditAction, AuditEntry
from models.calendar import LOCAL
from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE
from sync_api.access.accounts import ROLES, Account, Role
from sync_api.access.staff import Staff, StaffError, check_account
from sync_api.audit.log import AuditLog
from sync_api.couch import Couch, CouchError
from sync_api.devices.enrolment import Enrolments, enrolment_address
from sync_api.devices.records import Revocation
from sync_api.devices.revocations import Revocations
from sync_api.doctor import Finding, examine
from sync_api.embedded.launcher import EmbeddedStore, StoreError
from sync_api.errors import GatewayError, StoreUnavailable
from sync_api.installation import Installation, NotSetUp
from sync_api.quarantine.records import Quarantined
from sync_api.sealed.store import SealedStore
from sync_api.serving import PortError, listen, pages_text, run_gateway, run_workers
from sync_api.settings import Settings, SettingsError, read_settings

Result = TypeVar("Result")


def utc_now() -> datetime:
    return datetime.now(UTC)


def add_commands(group: click.Group) -> None:
    """Add the gateway's commands to ``d110``."""
    for command in (serve, staff, devices, quarantine, audit, doctor):
        group.add_command(command)


def _settings(*, is_serving: bool = False) -> Settings:
    try:
        return read_settings(os.environ, is_serving=is_serving)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


async def with_store(settings: Settings, work: Callable[[Couch], Awaitable[Result]]) -> Result:
    """Do some work against the store that the settings name, the embedded one if none."""
    async with AsyncExitStack() as stack:
        url = settings.couchdb_url
        if url is None:
            url = (await stack.enter_async_context(EmbeddedStore(settings.data_dir / "store"))).url
        return await work(await stack.enter_async_context(Couch(url)))


def _run(work: Callable[[Couch], Awaitable[Result]]) -> Result:
    settings = _settings()
    try:
        return asyncio.run(with_store(settings, work))
    except StoreUnavailable as error:  # whose own words are for the user of a tablet
        raise click.ClickException(_store_is_down(settings)) from error
    except (GatewayError, CouchError, StaffError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _run_logged(action: AuditAction, alias: str, work: Callable[[Staff], Awaitable[None]]) -> None:
    """Change an account that there is, and log it first."""

    async def logged(couch: Couch) -> None:
        staff = Staff(couch)
        if await staff.find(alias) is None:
            raise StaffError(f"没有账号 {alias} / there is no account {alias!r}")
        await _log(couch, action, alias)
        await work(staff)

    _run(logged)


async def _log(couch: Couch, action: AuditAction, subject: str, **details: str) -> None:
    await AuditLog(couch, utc_now).record("d110", action, subject, **details)


def _store_is_down(settings: Settings) -> str:
    if settings.couchdb_url is None:
        log = settings.data_dir / "store" / "store.log"
        return f"嵌入式存储没有应答，原因见 {log} / the embedded store does not answer: see {log}"
    parts = urlsplit(settings.couchdb_url)  # without the password
    server = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return (
        f"无法使用 {server} 的 CouchDB：请检查它是否在运行，以及 D110_COUCHDB_URL 中的地址与密码 / "
        f"the CouchDB at {server} cannot be used: see that it runs, and that D110_COUCHDB_URL has its address and "
        "password"
    )


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="processes on one port")
def serve(workers: int) -> None:
    """运行网关 / run the gateway (and the embedded store, unless D110_COUCHDB_URL names one)."""
    settings = _settings(is_serving=True)
    try:
        with closing(listen(settings, "D110_PORT")) as listener, ExitStack() as stack:
            store, url = None, settings.couchdb_url
            if url is None:
                store = stack.enter_context(EmbeddedStore(settings.data_dir / "store"))
                url = store.url
            if workers == 1:
                run_gateway(settings, listener, url, _tell_ready, store)
            else:
                run_workers(listener, url, workers, _tell_ready, store)
    except (PortError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _tell_ready(address: str) -> None:
    click.echo(f"网关已启动 / the gateway is up: {address}\n{pages_text(address)}\n  Ctrl-C 停止 / to stop")


@click.group()
def staff() -> None:
    """账号 / accounts of offices, administrators and informants."""


@staff.command("move")
@click.argument("alias")
@click.option("--division", "divisions", multiple=True, required=True, help="division code; may be given again")
def staff_move(alias: str, divisions: tuple[str, ...]) -> None:
    """账号调动 / let an account work elsewhere. What its tablets wrote before and have not sent waits for the office of
    the old place."""

    async def work(couch: Couch) -> None:
        known = await _known_divisions(couch)
        await _log(couch, "account_moved", alias, divisions=" ".join(divisions))
        await Staff(couch).move(alias, divisions, known)

    _run(work)
    click.echo(f"{alias}: {', '.join(divisions)}")


@staff.command("add")
@click.argument("alias")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--division", "divisions", multiple=True, required=True, help="division code; may be given again")
@click.option("--department", help="the short name of the department that an account of that role belongs to")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input; else one is made")
def staff_add(alias: str, role: Role, divisions: tuple[str, ...], department: str | None, password_stdin: bool) -> None:
    """添加账号 / add an account. A password that is made is printed once and kept nowhere."""
    password = _password(password_stdin)
    fields = {"alias": alias, "role": role, "divisions": divisions, "department": department}
    try:
        account = msgspec.convert(fields, Account)
    except msgspec.ValidationError as error:
        raise click.ClickException(f"账号不符合要求 / not an account: {error}") from error

    async def work(couch: Couch) -> None:
        await couch.create_database(STAFF_DATABASE)
        check_account(account, await _known_divisions(couch))
        await _log(couch, "account_added", alias, role=role)
        await Staff(couch).add(account, password)

    _run(work)
    click.echo(f"{alias} ({role}, {', '.join(divisions)})" + ("" if password_stdin else f" password: {password}"))


def _password(is_read: bool) -> str:
    return sys.stdin.readline().strip() if is_read else secrets.token_urlsafe(12)


@staff.command("password")
@click.argument("alias")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input; else one is made")
def staff_password(alias: str, password_stdin: bool) -> None:
    """改密码 / give an account another password. What is logged in with a device's key stays: revoke the device."""
    password = _password(password_stdin)
    _run_logged("password_changed", alias, lambda staff: staff.set_password(alias, password))
    click.echo(f"{alias}: 密码已更换 / password changed" + ("" if password_stdin else f": {password}"))


@staff.command("close")
@click.argument("alias")
def staff_close(alias: str) -> None:
    """停用账号 / close an account: at once at every gateway, whatever it has under way."""
    _run_logged("account_closed", alias, lambda staff: staff.set_active(alias, False))
    click.echo(f"{alias}: 已停用 / closed")


@staff.command("open")
@click.argument("alias")
def staff_open(alias: str) -> None:
    """恢复账号 / open a closed account again."""
    _run_logged("account_opened", alias, lambda staff: staff.set_active(alias, True))
    click.echo(f"{alias}: 已启用 / open")


@staff.command("enrol")
@click.argument("alias")
@click.option("--address", help="where tablets reach the gateway, such as https://d110.example; else this machine")
def staff_enrol(alias: str, address: str | None) -> None:
    """登记平板 / print a one-time QR code that logs a tablet in as ALIAS; it serves for 24 hours."""
    settings = _settings()

    async def work(couch: Couch) -> str:
        record = await Staff(couch).find(alias)
        if record is None or not record.is_active:
            raise StaffError(f"没有在用的账号 {alias} / there is no account {alias!r} that is open")
        await _log(couch, "enrolment_offered", alias)
        code, _ = await Enrolments(couch).offer(alias, "d110", utc_now())
        return enrolment_address(address or f"http://{settings.host}:{settings.port}", code)

    opened = _run(work)
    drawn = io.StringIO()
    segno.make(opened, error="m").terminal(out=drawn, compact=True)
    click.echo(f"{drawn.getvalue()}{opened}\n{alias}: 24 小时内有效，只能用一次 / valid for 24 hours, once")


@click.group()
def devices() -> None:
    """设备 / devices of accounts: shut off, and which were."""


@devices.command("list")
@click.option("--json", "as_json", is_flag=True)
def devices_list(as_json: bool) -> None:
    """停用的设备 / list the devices that were shut off. How syncs go stands on the offices' page."""
    found = sorted(_run(_revoked).values(), key=lambda one: (one.at, one.id))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for one in found:
        wiped = f"已清除 wiped {one.wiped_at:%Y-%m-%d %H:%M}" if one.wiped_at else "尚未清除 not yet wiped"
        click.echo(f"{one.alias:16} {one.device:20} {one.at:%Y-%m-%d %H:%M} by {one.by}, {wiped}")
    click.echo(f"{len(found)} shut off / 台已停用")


async def _revoked(couch: Couch) -> dict[tuple[str, str], Revocation]:
    try:
        return await Revocations(couch).all()
    except CouchError as error:
        if error.status == 404:  # no account was ever added
            return {}
        raise


@devices.command("revoke")
@click.argument("alias")
@click.argument("device")
def devices_revoke(alias: str, device: str) -> None:
    """停用一台设备 / shut a device off: it hands in what it has not sent, and wipes itself at its next contact."""

    async def work(couch: Couch) -> None:
        if await Staff(couch).find(alias) is None:
            raise StaffError(f"没有账号 {alias} / there is no account {alias!r}")
        await _log(couch, "device_revoked", alias, device=device)
        await Revocations(couch).revoke(alias, device, "d110", utc_now())

    _run(work)
    click.echo(f"{alias} {device}: 已停用 / shut off")


async def _known_divisions(couch: Couch) -> Container[str] | None:
    """The codes of the register, or None when none was imported yet."""
    try:
        setup = await Installation(couch, _settings().city).setup()
    except NotSetUp:
        return None
    return setup.register.divisions


@click.group()
def quarantine() -> None:
    """退回的内容 / what the gateway refused, kept for the offices."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True)
def quarantine_list(as_json: bool) -> None:
    """列出退回的内容 / list refused documents with who, when and why, oldest first."""

    async def work(couch: Couch) -> list[Quarantined]:
        try:
            rows = await couch.range_of(QUARANTINE_DATABASE, "0", ":", include_docs=True)
        except CouchError as error:
            if error.status == 404:  # a store into which nothing was imported yet
                return []
            raise
        found = [msgspec.json.decode(row.doc, type=Quarantined) for row in rows if row.has_doc]
        return sorted(found, key=lambda q: (q.received_at, q.id))

    found = _run(work)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for q in found:
        at = q.received_at.astimezone(LOCAL)
        click.echo(f"{at:%Y-%m-%d %H:%M} {q.author:12} {q.code:18} {q.zh} / {q.en} [{q.document_id}]")
    click.echo(f"{len(found)} refused / 条")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """自检 / look whether all is sound: store, register, lights, accounts, sealed texts, the chain of the audit log and
    what it says was decided. Exit code 1 if not."""
    settings = _settings()

    async def work(couch: Couch) -> list[Finding]:
        sealed = SealedStore(couch, settings.seal_secret, utc_now)
        installation = Installation(couch, settings.city)
        return [f async for f in examine(couch, installation, AuditLog(couch, utc_now), sealed)]

    found = _run(work)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for one in found:
            click.echo(f"{'✓' if one.is_sound else '✗'} {one.name:16} {one.zh} / {one.en}")
    if not all(one.is_sound for one in found):
        raise SystemExit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True)
def audit(as_json: bool) -> None:
    """审计日志 / list who decided, changed or looked at what, and when; oldest first."""

    async def work(couch: Couch) -> list[AuditEntry]:
        return [entry async for entry in AuditLog(couch, utc_now).entries()]

    found = _run(work)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for one in found:
        at = one.at.astimezone(LOCAL)
        details = " ".join(f"{name}={value}" for name, value in one.details.items())
        click.echo(f"{one.number:6} {at:%Y-%m-%d %H:%M:%S} {one.actor:16} {one.action:20} {one.subject} {details}")
    click.echo(f"{len(found)} entries / 条 (Asia/Shanghai)")
