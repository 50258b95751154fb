"""Serves the gateway on its port: taken before any other work, told to the operator once it answers."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from typing import Any, Final

import uvicorn
from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from sync_api.app import create_app
from sync_api.embedded.launcher import EmbeddedStore
from sync_api.settings import Settings, read_settings

#: Open streams would hold a stopping server for ever.
STOP_S_MAX: Final = 3
#: A worker that says nothing for so long is replaced. One that starts on a busy machine takes a while.
SILENT_S_MAX: Final = 60
_SERVED: Final[dict[str, Any]] = {
    "log_level": "warning",
    "timeout_graceful_shutdown": STOP_S_MAX,
    "timeout_keep_alive": 75,
    "ws": "none",
}
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
    return uvicorn.Config(create_app(settings, couchdb_url), **_SERVED)


def worker_app() -> Litestar:
    """The gateway of one worker process, which finds its settings where its parent found them."""
    settings = read_settings(os.environ, is_serving=True)
    if settings.couchdb_url is None:
        raise RuntimeError("a worker is told its store by its parent")
    if (parent := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return create_app(settings, settings.couchdb_url)


def run_workers(
    listener: socket.socket,
    couchdb_url: str,
    workers: int,
    tell_ready: Callable[[str], None],
    store: EmbeddedStore | None = None,
) -> None:
    """Serve by several processes that share a port, until interrupted or the embedded store is gone for good
    (``StoreError`` then). A worker that dies is replaced."""
    os.environ["D110_COUCHDB_URL"] = couchdb_url
    config = uvicorn.Config(
        "sync_api.serving:worker_app",
        factory=True,
        workers=workers,
        timeout_worker_healthcheck=SILENT_S_MAX,
        **_SERVED,
    )
    supervisor = _Workers(config, [listener])
    if store is not None:
        threading.Thread(target=_stop_with, args=(store, supervisor.should_exit.set), daemon=True).start()
    threading.Thread(target=supervisor.tell, args=(lambda: tell_ready(address_of(listener)),), daemon=True).start()
    supervisor.run()
    if store is not None:
        store.check()


def _end_with(parent: BaseProcess) -> None:
    """No worker outlives a parent that was killed: it would keep the port."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class _Workers(Multiprocess):
    """Tells when all of them answer."""

    def tell(self, ready: Callable[[], None]) -> None:
        self._begun.wait()
        while not self.should_exit.is_set():
            looked_at = [*self.processes]  # one that dies meanwhile is replaced
            if all(one.wait_until_ready(SILENT_S_MAX, self.should_exit) for one in looked_at):
                ready()
                return
            self.should_exit.wait(0.1)

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._begun = threading.Event()

    def init_processes(self) -> None:
        super().init_processes()
        self._begun.set()


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
        threading.Thread(target=_stop_with, args=(store, server.end), daemon=True).start()
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

    def end(self) -> None:
        self.should_exit = True


def _stop_with(store: EmbeddedStore, end: Callable[[], None]) -> None:
    store.given_up.wait()
    end()
