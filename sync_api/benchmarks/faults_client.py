"""The client that ``d110 bench faults`` kills: a process that pushes and pulls, and writes down what it was promised.

    python -m sync_api.benchmarks.faults_client FOLDER work|push|pull

``work`` goes on until it is killed; ``push`` sends all that it ever wrote once more, ``pull`` takes what it lacks, and
both end. Its files only grow, so that a process killed in the middle of a line has lost that line at most.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from ulid import ULID

from sync_api.replication.pull import Asked

PAUSE_S: Final = 0.05
REQUEST_S_MAX: Final = 10.0
#: A tablet that has waited too long for an answer hangs up; one in so many requests does at once.
HANG_UP_ONE_IN: Final = 12
REFUSED_ONE_IN: Final = 10
BATCH_MAX: Final = 6
#: So often the work is tried to the end once nothing is killed any more.
TRIES_MAX: Final = 200
AGAIN_S: Final = 0.2

#: The files: what was written by whom, what was acknowledged, what was refused.
OUTBOX, ACKNOWLEDGED, REFUSED = "outbox.jsonl", "acknowledged.jsonl", "refused.jsonl"


class Plan(msgspec.Struct):
    """What a client is told: gateways, the database, who writes in which village, who pulls, and their tokens."""

    addresses: list[str]
    database: str
    writers: dict[str, str]
    pullers: list[str]
    tokens: dict[str, str]


class Written(msgspec.Struct):
    """A line of the outbox."""

    alias: str
    document: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.document["_id"])


class Held(msgspec.Struct):
    """What a puller holds, by its file: revisions by id, and where it goes on."""

    revisions: dict[str, str] = {}
    asked: Asked = msgspec.field(default_factory=Asked)


class Lines:
    """A file that only grows, a JSON line at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")
        if self._file.tell():
            self._file.write(b"\n")  # ends the line in which the last process was killed

    def add(self, *contents: Any) -> None:
        self._file.write(b"".join(msgspec.json.encode(content) + b"\n" for content in contents))
        self._file.flush()


def read_lines(path: Path, kind: Any = Any) -> list[Any]:
    """The whole lines of such a file; none where it is not there."""
    found = []
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        try:
            found.append(msgspec.json.decode(line, type=kind))
        except msgspec.DecodeError:
            continue  # empty, or torn by a kill
    return found


def held_path(folder: Path, alias: str) -> Path:
    return folder / f"held-{alias}.jsonl"


def read_held(folder: Path, alias: str) -> Held:
    """What a puller holds."""
    held = Held()
    for line in read_lines(held_path(folder, alias)):
        match line:
            case {"_id": str(identity), "_deleted": True}:
                held.revisions.pop(identity, None)
            case {"_id": str(identity), "_rev": str(rev)}:
                held.revisions[identity] = rev
            case {"epoch": str(epoch), "scope": list(scope)}:
                if epoch != held.asked.epoch:
                    held = Held()
                held.asked.epoch, held.asked.holds = epoch, scope
            case {"since": str(since)}:
                held.asked.since = since
    return held


class Client:
    """One run of the process."""

    def __init__(self, folder: Path, plan: Plan, session: aiohttp.ClientSession) -> None:
        self._folder, self._plan, self._session = folder, plan, session
        self._chance = random.Random()  # noqa: S311 - a die, not a secret; the harness chooses the victims by its seed
        self._written = {one.id: one for one in read_lines(folder / OUTBOX, Written)}
        self._answered = {*read_lines(folder / ACKNOWLEDGED), *read_lines(folder / REFUSED)}
        self._outbox, self._acknowledged, self._refused = (
            Lines(folder / name) for name in (OUTBOX, ACKNOWLEDGED, REFUSED)
        )

    async def work(self) -> None:
        """Until killed."""
        async with asyncio.TaskGroup() as tasks:
            for alias in self._plan.writers:
                tasks.create_task(self._write_on(alias))
            for alias in self._plan.pullers:
                tasks.create_task(self._pull_on(alias))

    async def push_all(self) -> None:
        """Send everything again, until all of it is answered."""
        for alias in self._plan.writers:
            waiting = {one.id for one in self._written.values() if one.alias == alias}
            tries = 0
            while waiting:
                batch = [self._written[identity] for identity in sorted(waiting)[:BATCH_MAX]]
                answered = await self._push(alias, batch, REQUEST_S_MAX)
                waiting -= answered
                tries = 0 if answered else tries + 1
                if tries == TRIES_MAX:
                    raise RuntimeError(f"{len(waiting)} documents of {alias} are not answered")
                if not answered:  # a gateway that was just killed refuses at once
                    await asyncio.sleep(AGAIN_S)

    async def pull_all(self) -> None:
        """Take what there is, to the end."""
        for alias in self._plan.pullers:
            for _ in range(TRIES_MAX):
                if await self._pull(alias):
                    break
                await asyncio.sleep(PAUSE_S)
            else:
                raise RuntimeError(f"the pull of {alias} never ended")

    async def _write_on(self, alias: str) -> None:
        while True:
            waiting = [w for w in self._written.values() if w.alias == alias and w.id not in self._answered]
            if not waiting:
                for _ in range(self._chance.randint(1, BATCH_MAX)):
                    one = self._new(alias)
                    waiting.append(one)
                    self._written[one.id] = one
                self._outbox.add(*waiting)
            done = [w for w in self._written.values() if w.alias == alias and w.id in self._answered]
            batch = [*waiting, *self._chance.sample(done, min(len(done), 2))]
            # the same batch twice at once, each in an order of its own and late by chance
            await asyncio.gather(*(self._send(alias, batch) for _ in range(self._chance.randint(1, 2))))

    async def _send(self, alias: str, batch: list[Written]) -> None:
        await asyncio.sleep(self._chance.uniform(0, PAUSE_S))
        is_short = self._chance.randrange(HANG_UP_ONE_IN) == 0
        limit_s = self._chance.uniform(0, PAUSE_S) if is_short else REQUEST_S_MAX
        if not await self._push(alias, self._chance.sample(batch, len(batch)), limit_s):
            await asyncio.sleep(PAUSE_S)

    def _new(self, alias: str) -> Written:
        now = datetime.now(UTC)
        identity = f"{self._plan.writers[alias]}:report:{alias}:{ULID.from_datetime(now)}"
        stamp = now.isoformat(timespec="milliseconds")
        is_bad = len(self._written) % REFUSED_ONE_IN == 0
        document = {
            "_id": identity,
            "type": "report",
            "observed_at": stamp,
            "saved_at": stamp,
            "indicator": "9.9.9" if is_bad else self._chance.choice(("4.2.1", "2.4.3", "5.4.3")),
            "severity": self._chance.choice(("minor", "general", "major")),
            "text": f"测试 {self._chance.randbytes(8).hex()}",
        }
        return Written(alias, document)

    async def _push(self, alias: str, batch: Iterable[Written], limit_s: float) -> set[str]:
        """Push once; the ids that were answered, which are written down."""
        body = {"docs": [one.document for one in batch]}
        try:
            async with self._request(alias, "_bulk_docs", body, limit_s) as answer:
                rows = await answer.json() if answer.status == 201 else []
        except (aiohttp.ClientError, TimeoutError):
            return set()
        self._note(self._acknowledged, {row["id"] for row in rows if row.get("ok")})
        self._note(self._refused, {row["id"] for row in rows if row.get("error") == "forbidden"})
        return {row["id"] for row in rows}

    def _note(self, lines: Lines, ids: set[str]) -> None:
        lines.add(*(ids - self._answered))
        self._answered |= ids

    async def _pull_on(self, alias: str) -> None:
        while True:
            await self._pull(alias)
            await asyncio.sleep(self._chance.uniform(0, 3 * PAUSE_S))

    async def _pull(self, alias: str) -> bool:
        """Pull once; whether it came to the end."""
        asked = read_held(self._folder, alias).asked
        lines, last = Lines(held_path(self._folder, alias)), {}
        try:
            async with self._request(alias, "_pull", msgspec.to_builtins(asked), REQUEST_S_MAX) as answer:
                if answer.status != 200:
                    return False
                async for line in answer.content:
                    last = msgspec.json.decode(line)
                    lines.add({key: last[key] for key in last.keys() & _KEPT})
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError):
            return False
        return bool(last.get("done"))

    def _request(self, alias: str, endpoint: str, body: Any, limit_s: float) -> Any:
        address = self._chance.choice(self._plan.addresses)
        return self._session.post(
            f"{address}/db/{self._plan.database}/{endpoint}",
            json=body,
            headers={"Authorization": f"Bearer {self._plan.tokens[alias]}"},
            timeout=aiohttp.ClientTimeout(total=limit_s),
        )


_KEPT: Final = frozenset({"_id", "_rev", "_deleted", "epoch", "scope", "since"})


async def _run(folder: Path, task: str) -> None:
    plan = msgspec.json.decode((folder / "plan.json").read_bytes(), type=Plan)
    async with aiohttp.ClientSession() as session:
        client = Client(folder, plan, session)
        await {"work": client.work, "push": client.push_all, "pull": client.pull_all}[task]()


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), sys.argv[2]))
