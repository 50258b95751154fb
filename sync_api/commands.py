"""``d110`` commands of the gateway: serve, staff, quarantine."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

import click
import msgspec
import uvicorn

from models.ids import QUARANTINE_DATABASE, STAFF_DATABASE
from sync_api.access.accounts import ROLES, Account, Role
from sync_api.access.staff import Staff, StaffError
from sync_api.app import create_app
from sync_api.couch import Couch, CouchError
from sync_api.embedded.launcher import EmbeddedStore, StoreError
from sync_api.errors import GatewayError
from sync_api.quarantine.records import Quarantined
from sync_api.settings import Settings, SettingsError, read_settings

Result = TypeVar("Result")

#: Open streams would hold a stopping server for ever.
STOP_S_MAX = 3


def add_commands(group: click.Group) -> None:
    """Add the gateway's commands to ``d110``."""
    for command in (serve, staff, quarantine):
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
    try:
        return asyncio.run(with_store(_settings(), work))
    except (GatewayError, CouchError, StaffError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def server_config(settings: Settings, couchdb_url: str) -> uvicorn.Config:
    """How the gateway is served: streams end on stopping, and tablets keep their connection between polls."""
    return uvicorn.Config(
        create_app(settings, couchdb_url),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=STOP_S_MAX,
        timeout_keep_alive=75,
        ws="none",
    )


def run_gateway(settings: Settings, couchdb_url: str, store: EmbeddedStore | None = None) -> None:
    """Serve until interrupted, or until the embedded store has died for good. Raises ``StoreError`` then."""
    server = uvicorn.Server(server_config(settings, couchdb_url))
    if store is not None:
        threading.Thread(target=_stop_with, args=(store, server), daemon=True).start()
    server.run()
    if store is not None:
        store.check()


def _stop_with(store: EmbeddedStore, server: uvicorn.Server) -> None:
    store.given_up.wait()
    server.should_exit = True


@click.command()
def serve() -> None:
    """Run the gateway (and the embedded store, unless D110_COUCHDB_URL names one)."""
    settings = _settings(is_serving=True)
    if settings.couchdb_url is not None:
        run_gateway(settings, settings.couchdb_url)
        return
    try:
        with EmbeddedStore(settings.data_dir / "store") as store:
            run_gateway(settings, store.url, store)
    except StoreError as error:
        raise click.ClickException(str(error)) from error


@click.group()
def staff() -> None:
    """Accounts of offices, administrators and informants."""


@staff.command("add")
@click.argument("alias")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--division", "divisions", multiple=True, required=True, help="division code; may be given again")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input; else one is made")
def staff_add(alias: str, role: Role, divisions: tuple[str, ...], password_stdin: bool) -> None:
    """Add an account. A password that is made is printed once and kept nowhere."""
    password = sys.stdin.readline().strip() if password_stdin else secrets.token_urlsafe(12)
    try:
        account = msgspec.convert({"alias": alias, "role": role, "divisions": divisions}, Account)
    except msgspec.ValidationError as error:
        raise click.ClickException(f"账号不符合要求 / not an account: {error}") from error

    async def work(couch: Couch) -> None:
        await couch.create_database(STAFF_DATABASE)
        await Staff(couch).add(account, password)

    _run(work)
    click.echo(f"{alias} ({role}, {', '.join(divisions)})" + ("" if password_stdin else f" password: {password}"))


@click.group()
def quarantine() -> None:
    """What the gateway refused, kept for the offices."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True)
def quarantine_list(as_json: bool) -> None:
    """List refused documents with who, when and why."""

    async def work(couch: Couch) -> list[Quarantined]:
        rows = await couch.range_of(QUARANTINE_DATABASE, "0", ":", include_docs=True)
        return [msgspec.json.decode(row.doc, type=Quarantined) for row in rows if row.has_doc]

    found = _run(work)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for q in found:
        click.echo(f"{q.received_at:%Y-%m-%d %H:%M} {q.author:12} {q.code:18} {q.zh} / {q.en} [{q.document_id}]")
    click.echo(f"{len(found)} refused / 条")
