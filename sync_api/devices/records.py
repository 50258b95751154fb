"""What is known of a device: whether it was revoked (beside the accounts), and how its synchronising goes (apart)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from models.documents import CLOCK_OFFSET_MS_MAX, Count

#: No tablet has more; CouchDB keeps whole numbers up to 2**53.
BYTES_MAX = 2**50
Bytes = Annotated[int, Meta(ge=0, le=BYTES_MAX)]
#: Letters that show as what they are: it is listed to offices.
Version = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._+-]{0,40}$")]


class TabletState(msgspec.Struct, kw_only=True):
    """What a tablet says of itself with each pull. ``pending``: documents to be sent; ``photos``: those that follow
    them; ``clock_offset_ms``: gateway minus tablet."""

    pending: Count
    refused: Count
    photos: Count = 0
    clock_offset_ms: Annotated[int, Meta(ge=-CLOCK_OFFSET_MS_MAX, le=CLOCK_OFFSET_MS_MAX)] = 0
    app_version: Version = ""
    storage_used: Bytes | None = None
    storage_quota: Bytes | None = None

    @property
    def storage_left(self) -> int | None:
        """Bytes; below 0 on a tablet that uses more than it lets itself."""
        if self.storage_used is None or self.storage_quota is None:
            return None
        return self.storage_quota - self.storage_used


class SyncHealth(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The last sync of a device that went well. ``state`` is unset for a stock client, which says nothing of itself."""

    id: str = msgspec.field(name="_id")
    rev: str | UnsetType = msgspec.field(name="_rev", default=UNSET)
    alias: str
    device: str
    synced_at: datetime
    state: TabletState | None = None


class Revocation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A device that was shut off. ``wiped_at``: when it said that it holds nothing any more."""

    id: str = msgspec.field(name="_id")
    rev: str | UnsetType = msgspec.field(name="_rev", default=UNSET)
    alias: str
    device: str
    by: str
    at: datetime
    wiped_at: datetime | None = None


def revocation_id(alias: str, device: str) -> str:
    return f"device:{alias}.{device}"


def health_id(division: str, alias: str, device: str) -> str:
    return f"{division}:health:{alias}.{device}"
