"""Quotes within quotes, as GB/T 15834—2011 sets them."""

from __future__ import annotations

from typing import Final

_INNER: Final = str.maketrans("“”", "‘’")


def quoted(text: str) -> str:
    """A text in Chinese quotes; those that stand in it become single ones."""
    return f"“{text.translate(_INNER)}”"
