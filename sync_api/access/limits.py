"""A brake on guessing passwords."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from sync_api.errors import TooManyRequests

#: Someone who mistypes gets through; a guesser gets 10 tries a quarter of an hour for an alias.
ATTEMPTS_MAX: Final = 10
WINDOW: Final = timedelta(minutes=15)
ALIASES_MAX: Final = 10_000


class LoginLimit:
    """Counts failed log-ins of each alias in this process."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, deque[datetime]] = OrderedDict()

    def check(self, alias: str, now: datetime) -> None:
        """Count an attempt. Raises ``TooManyRequests`` with Retry-After."""
        attempts = self._attempts.setdefault(alias, deque())
        self._attempts.move_to_end(alias)
        while attempts and now - attempts[0] > WINDOW:
            attempts.popleft()
        if len(attempts) >= ATTEMPTS_MAX:
            wait_s = max(1, int((attempts[0] + WINDOW - now).total_seconds()))
            raise TooManyRequests(
                "too_many_attempts",
                f"登录失败次数过多，请 {wait_s // 60 + 1} 分钟后再试。",
                f"Too many failed log-ins: try again in {wait_s // 60 + 1} minutes.",
                {"Retry-After": str(wait_s)},
            )
        attempts.append(now)
        while len(self._attempts) > ALIASES_MAX:
            self._attempts.popitem(last=False)

    def succeeded(self, alias: str) -> None:
        self._attempts.pop(alias, None)
