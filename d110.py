"""The ``d110`` command: joins the command groups of the gateway and of the jobs."""

from __future__ import annotations

import click


@click.group()
@click.version_option("0.1.0")
def main() -> None:
    """Dynamic Management 110 (动态管理110)."""


def _add_commands() -> None:
    from sync_api.commands import add_commands as add_gateway_commands

    add_gateway_commands(main)


_add_commands()

if __name__ == "__main__":
    main()
