"""Where photos lie: what is under way on this machine's disk, what is whole in the store, as attachments."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Final

import msgspec

from models.ids import PHOTOS_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.errors import Busy, StoreUnavailable
from sync_api.photos.pictures import PictureError, cleaned

#: What was begun and not gone on with is given up.
KEPT_DAYS: Final = 14
#: Uploads under way of one author and division: ten reports' full of photos. The oldest gives way.
UNDER_WAY_MAX: Final = 60
#: Below this the disk belongs to what must not stop: the store, and the gateway's logs.
FREE_BYTES_MIN: Final = 1_000_000_000
#: A photo of 50 megapixels unfolds to 150 MB while it is looked at.
LOOKED_AT_ONCE: Final = 2


SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: Of what names of folders are made: codes of divisions and aliases, as they are anyway.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


class PhotoKey(msgspec.Struct, frozen=True):
    """A photo of a division's by the SHA-256 of what was uploaded, and whose upload it is. It is stored once a
    division; but nobody learns from a hash what another division has, or another author has sent, nor spoils it."""

    division: str
    sha256: str
    author: str

    def __post_init__(self) -> None:
        """Its parts name folders and a file."""
        if not (SHA256.fullmatch(self.sha256) and _NAME.fullmatch(self.division) and _NAME.fullmatch(self.author)):
            raise ValueError("no photo is called so")

    @property
    def document_id(self) -> str:
        return f"photo:{self.division}:{self.sha256}"

    @property
    def upload_id(self) -> str:
        """What says that the author has sent all of it."""
        return f"upload:{self.division}:{self.author}:{self.sha256}"


class _Length(msgspec.Struct):
    length: int = 0


class WrongOffset(Exception):
    """A piece does not begin where the last one ended."""


class WrongHash(Exception):
    """What came is not what was announced; it was thrown away."""


class PhotoStore:
    """Uploads and photos of one store; ``folder`` holds what is under way."""

    def __init__(self, couch: Couch, folder: Path) -> None:
        self._couch, self._folder = couch, folder
        self._looking = asyncio.Semaphore(LOOKED_AT_ONCE)

    async def length(self, key: PhotoKey) -> int | None:
        """How many bytes the author has sent of a photo that the store has; None where they have not."""
        content = await self._couch.get(PHOTOS_DATABASE, key.upload_id)
        return None if content is None else msgspec.json.decode(content, type=_Length).length

    def begin(self, key: PhotoKey, length: int) -> bool:
        """Make room for an upload; the same one goes on where it stands. False when there is none: the disk is nearly
        full."""
        if (state := self.state(key)) is not None and state[1] == length:
            return True
        folder = self._folder_of(key)
        folder.mkdir(parents=True, exist_ok=True)
        if disk_usage(folder).free < FREE_BYTES_MIN:
            return False
        _make_room(folder)
        if state is not None:
            self._path(key, state[1]).unlink(missing_ok=True)
        self._path(key, length).touch()
        return True

    def state(self, key: PhotoKey) -> tuple[int, int] | None:
        """Offset and length of an upload under way on this machine."""
        for path in self._folder_of(key).glob(f"{key.sha256}-*"):
            return path.stat().st_size, int(path.name.rpartition("-")[2])
        return None

    async def settle(self, key: PhotoKey, length: int) -> None:
        """See that what was added lies on the disk, before its author is told so."""
        await asyncio.to_thread(_sync, self._path(key, length))

    def append(self, key: PhotoKey, length: int, offset: int, piece: bytes) -> int:
        """Add a piece; the new offset. Raises ``WrongOffset``; of two at once one does."""
        try:
            with self._path(key, length).open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if file.seek(0, 2) != offset or offset + len(piece) > length:
                    raise WrongOffset
                file.write(piece)
        except FileNotFoundError as error:  # the other one has just finished
            raise WrongOffset from error
        return offset + len(piece)

    async def finish(self, key: PhotoKey, length: int) -> None:
        """Put a whole upload into the store. Raises ``WrongHash`` or ``PictureError``, and throws it away, when it is
        not what it should be; ``StoreUnavailable`` leaves it to be finished later."""
        path = self._path(key, length)
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # somebody else has just finished it
            return
        try:
            if hashlib.sha256(content).hexdigest() != key.sha256:
                raise WrongHash
            async with self._looking:
                photo, media_type, thumbnail = await asyncio.to_thread(cleaned, content)
        except (WrongHash, PictureError):
            path.unlink(missing_ok=True)
            raise
        body = {  # bytes are written as base64
            "_id": key.document_id,
            "length": length,
            "_attachments": {
                "photo": {"content_type": media_type, "data": photo},
                "thumbnail": {"content_type": "image/jpeg", "data": thumbnail},
            },
        }
        try:
            await self._couch.put_making(PHOTOS_DATABASE, key.document_id, msgspec.json.encode(body))
        except CouchError as error:
            if error.status != 409:  # it has come by another gateway, or from another author
                raise
        sent = msgspec.json.encode({"_id": key.upload_id, "length": length})
        [row] = await self._couch.bulk_docs(PHOTOS_DATABASE, [sent], new_edits=True)
        if row.error is not None and row.error != "conflict":
            raise StoreUnavailable(f"{row.id}: {row.error}")
        path.unlink(missing_ok=True)

    async def take(self, key: PhotoKey, content: bytes) -> None:
        """Put a photo in that came whole; what is there already stays. Raises as ``append`` and ``finish``, ``Busy``
        where there is no room."""
        length = len(content)
        if await self.length(key) is not None:
            return
        if not self.begin(key, length) or (state := self.state(key)) is None:
            raise Busy
        self.append(key, length, state[0], content[state[0] :])
        await self.settle(key, length)
        await self.finish(key, length)

    async def read(self, key: PhotoKey, name: str) -> bytes | None:
        """The bytes of ``photo`` or ``thumbnail``."""
        return await self._couch.attachment(PHOTOS_DATABASE, key.document_id, name)

    def _folder_of(self, key: PhotoKey) -> Path:
        return self._folder / key.division / key.author

    def _path(self, key: PhotoKey, length: int) -> Path:
        return self._folder_of(key) / f"{key.sha256}-{length}"


def _make_room(folder: Path) -> None:
    """Give up what nobody goes on with, and the oldest of too many."""
    known: list[tuple[float, Path]] = []
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # finished, or given up by another worker, just now
            known.append((path.stat().st_mtime, path))
    by_age = [path for _, path in sorted(known)]
    lapsed = sum(at < time.time() - KEPT_DAYS * 86_400 for at, _ in known)
    for path in by_age[: max(lapsed, len(by_age) - UNDER_WAY_MAX + 1)]:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with suppress(FileNotFoundError), path.open("rb") as file:  # finished by another request just now
        os.fsync(file.fileno())
