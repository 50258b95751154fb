"""``multipart/mixed``: the only form in which CouchDB's replicator takes single documents (``open_revs``)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any


def mixed(revisions: Sequence[dict[str, Any]]) -> tuple[bytes, str]:
    """Body and content type of ``[{"ok": document} | {"missing": revision}]``, each a part of its own."""
    boundary = secrets.token_hex(16)
    parts = [_part(revision, boundary) for revision in revisions]
    return b"".join([*parts, f"--{boundary}--".encode()]), f'multipart/mixed; boundary="{boundary}"'


def _part(revision: dict[str, Any], boundary: str) -> bytes:
    kind = "application/json" if "ok" in revision else 'application/json; error="true"'
    content = json.dumps(revision.get("ok", revision), ensure_ascii=False)
    return f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{content}\r\n".encode()
