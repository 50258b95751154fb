"""What a store's address must look like, for the settings of gateway and jobs alike. Pure text."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_server_url(url: str) -> bool:
    """Whether a text is an http or https address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a bracket without its other half
        return False
