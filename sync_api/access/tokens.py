"""Access and refresh tokens: signed, short, bound to a device."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import jwt
import msgspec

from sync_api.errors import Unauthorized

Use = Literal["access", "refresh"]
_ALGORITHM = "HS256"


class Claims(msgspec.Struct, frozen=True):
    """``sub`` is the alias; ``exp`` seconds since 1970; ``epoch``: how often the password had been changed when the
    session began, which another change ends."""

    sub: str
    device: str
    use: Use
    exp: int
    epoch: int = 0


class Tokens:
    """Signs and reads tokens with the gateway's secret."""

    def __init__(self, secret: str, access: timedelta, refresh: timedelta) -> None:
        self._secret = secret
        self._life: dict[Use, timedelta] = {"access": access, "refresh": refresh}

    def seconds(self, use: Use) -> int:
        return int(self._life[use].total_seconds())

    def issue(self, alias: str, device: str, use: Use, now: datetime, epoch: int = 0) -> str:
        claims = Claims(alias, device, use, int((now + self._life[use]).timestamp()), epoch)
        return jwt.encode(msgspec.to_builtins(claims), self._secret, _ALGORITHM)

    def read(self, token: str, use: Use, now: datetime) -> Claims:
        """Raises ``Unauthorized`` with the code ``session_expired`` or ``token_invalid``."""
        try:
            # the gateway's own clock is handed in, so expiry is judged here and not by the library's
            content = jwt.decode(token, self._secret, [_ALGORITHM], options={"verify_exp": False})
            claims = msgspec.convert(content, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
            raise Unauthorized("token_invalid", "登录凭证无效，请重新登录。", "Invalid token: log in again.") from error
        if claims.use != use:
            raise Unauthorized("token_invalid", "登录凭证无效，请重新登录。", "Invalid token: log in again.")
        if claims.exp <= now.timestamp():
            raise Unauthorized("session_expired", "登录已过期，请重新登录。", "The session has expired: log in again.")
        return claims
