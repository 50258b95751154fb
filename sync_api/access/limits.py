"""A brake on guessing passwords."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from sync_api.errors import TooManyRequests

#: Failed tries in a quarter of an hour for an alias: from one address, so that a guesser elsewhere does not lock its
#: owner out, and from all together.
ATTEMPTS_MAX: Final = 10
ATTEMPTS_FROM_ALL_MAX: Final = 100
#: And from one address for all aliases: a station of thirty people behind one line may each mistype a few times, who
#: tries one password on many aliases may not go on.
ATTEMPTS_OF_ADDRESS_MAX: Final = 100
WINDOW: Final = timedelta(minutes=15)
KEYS_MAX: Final = 20_000


class LoginLimit:
    """Counts failed log-ins of each alias, of each address, and of each alias from each address, in this process."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[tuple[str, ...], deque[datetime]] = OrderedDict()

    def check(self, alias: str, address: str, now: datetime) -> None:
        """Count an attempt. Raises ``TooManyRequests`` with Retry-After."""
        self._count(_address_key(address), ATTEMPTS_OF_ADDRESS_MAX, now)
        self._count((alias, address), ATTEMPTS_MAX, now)
        self._count((alias,), ATTEMPTS_FROM_ALL_MAX, now)

    def check_code(self, address: str, now: datetime) -> None:
        """Count a look at an enrolment's code. Raises ``TooManyRequests`` with Retry-After."""
        self._count(_code_key(address), ATTEMPTS_MAX, now)

    def code_was_right(self, address: str) -> None:
        self._attempts.pop(_code_key(address), None)

    def _count(self, key: tuple[str, ...], attempts_max: int, now: datetime) -> None:
        attempts = self._attempts.setdefault(key, deque())
        self._attempts.move_to_end(key)
        while attempts and now - attempts[0] > WINDOW:
            attempts.popleft()
        if len(attempts) >= attempts_max:
            wait_s = max(1, int((attempts[0] + WINDOW - now).total_seconds()))
            raise TooManyRequests(
                "too_many_attempts",
                f"登录失败次数过多，请 {wait_s // 60 + 1} 分钟后再试。",
                f"Too many failed log-ins: try again in {wait_s // 60 + 1} minutes.",
                {"Retry-After": str(wait_s)},
            )
        attempts.append(now)
        while len(self._attempts) > KEYS_MAX:
            self._attempts.popitem(last=False)

    def succeeded(self, alias: str, address: str) -> None:
        """The right password forgives what came from its address; what others tried stays counted."""
        self._attempts.pop((alias, address), None)
        for key in ((alias,), _address_key(address)):
            if attempts := self._attempts.get(key):
                attempts.pop()


def _address_key(address: str) -> tuple[str, ...]:
    return ("any alias", "from", address)


def _code_key(address: str) -> tuple[str, ...]:
    return ("an enrolment code", "from", address)
