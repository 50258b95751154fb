"""Serves the gateway on its port: taken before any other work, told to the operator once it answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Final

import uvicorn

from sync_api.app import create_app
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.settings import Settings

#: Open streams would hold a stopping server for ever.
STOP_S_MAX: Final = 3
#: Connections that wait for the gateway to start.
BACKLOG: Final = 2048


class PortError(Exception):
    """The gateway's port cannot be listened on; the message says why and what to do."""


def listen(settings: Settings, elsewhere: str) -> socket.socket:
    """Take the gateway's port. Raises ``PortError``, which names ``elsewhere`` as the way to another port."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # at once: of two that have only bound a port, the later one to listen would fail
    except OSError as error:
        listener.close()
        raise PortError(
            f"无法监听 {settings.host} 的端口 {settings.port}（可能已被占用），请改用 {elsewhere} / "
            f"cannot listen on port {settings.port} of {settings.host} ({error.strerror}): free it, or choose another "
            f"with {elsewhere}"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds what listens there, such as ``http://127.0.0.1:8110``."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def pages_text(address: str) -> str:
    """The pages of a gateway, for an operator to read."""
    return (
        f"  图版 board   {address}/board\n"
        f"  平板 tablet  {address}/tablet/\n"
        f"  接口 API     {address}/schema/openapi.json"
    )


def server_config(settings: Settings, couchdb_url: str) -> uvicorn.Config:
    """How the gateway is served: streams end on stopping, and tablets keep their connection between polls."""
    return uvicorn.Config(
        create_app(settings, couchdb_url),
        log_level="warning",
        timeout_graceful_shutdown=STOP_S_MAX,
        timeout_keep_alive=75,
        ws="none",
    )


def run_gateway(
    settings: Settings,
    listener: socket.socket,
    couchdb_url: str,
    tell_ready: Callable[[str], None],
    store: EmbeddedStore | None = None,
) -> None:
    """Serve until interrupted, or until the embedded store is gone for good (``StoreError`` then)."""
    server = _Server(server_config(settings, couchdb_url), lambda: tell_ready(address_of(listener)))
    if store is not None:
        threading.Thread(target=_stop_with, args=(store, server), daemon=True).start()
    server.run([listener])
    if store is not None:
        store.check()


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, tell_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_ready = tell_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_ready()


def _stop_with(store: EmbeddedStore, server: uvicorn.Server) -> None:
    store.given_up.wait()
    server.should_exit = True
