"""Commands that copy a store and put a copy back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from jobs.backup import Manifest
from jobs.backup import backup as make_backup
from jobs.backup import restore as put_back
from jobs.console import OpenStore, connected, settings_of_environment


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--only-keys", is_flag=True, help="只备份封存内容的密钥 / the keys of sealed texts, and nothing else")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def backup(open_store: OpenStore, folder: Path, only_keys: bool, as_json: bool) -> None:
    """备份到一个新目录 / copy the store into a new folder, while it is in use.

    The keys of sealed texts are left out, so that what is forgotten is forgotten in copies, too: copy them by
    --only-keys into a folder of their own, and keep that no longer than half a year.
    """
    settings = settings_of_environment()
    with connected(settings, open_store) as couch:
        made = make_backup(couch, folder, datetime.now(UTC), _tell, only_keys=only_keys)
    _say(made, folder, "已备份 / backed up", as_json)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def restore(open_store: OpenStore, folder: Path, as_json: bool) -> None:
    """把备份恢复到空库 / put a copy back into an empty store; stop `d110 serve` before."""
    settings = settings_of_environment()
    with connected(settings, open_store) as couch:
        done = put_back(couch, folder, _tell)
    _say(done, folder, "已恢复 / restored", as_json)


def _tell(name: str, documents: int) -> None:
    click.echo(f"· {name}: {documents}", err=True)


def _say(manifest: Manifest, folder: Path, what: str, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(manifest)))
        return
    count = sum(copied.documents for copied in manifest.databases.values())
    click.echo(f"{what}: {len(manifest.databases)} 个数据库 / databases, {count} 份 / documents, {folder}")
