"""First revisions that follow from the content: the same document written twice is one document."""

from __future__ import annotations

import hashlib


def first_revision(body: bytes) -> str:
    """CouchDB's revision of generation 1 for a JSON document without one."""
    return "1-" + hashlib.md5(body, usedforsecurity=False).hexdigest()


def with_revision(body: bytes, revision: str) -> bytes:
    """A JSON object with a revision put at its front."""
    return b'{"_rev":"' + revision.encode() + b'",' + body.lstrip()[1:]
