"""Analysts' verdicts on their way to the gateway: first a file of their own, then handed in, and gone only when the
gateway has said that they are stored.

    {data}/outbox/verdicts/01JX….json    a verdict that is still to be handed in, and what was said of it last
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from ulid import ULID

from jobs.faults import DamagedError
from jobs.whole_files import read_json
from models.documents import Ulid, VillageCode, Words
from models.ids import CODE_LENGTHS
from models.server_url import is_server_url

#: A log-in is slow on purpose (argon2), and a small machine does it beside other work.
TIMEOUT_S: Final = 20.0
#: The gateway's address is typed in by the person who hands in; this is a gateway on the same machine.
ADDRESS: Final = "http://127.0.0.1:8110"
#: Chinese and English.
Bilingual = tuple[str, str]
NOT_SAID: Final = "请选择属实或不属实，并写明依据 / say whether it is right or wrong, and on which grounds"
_BAD_ADDRESS: Final[Bilingual] = (
    "地址应为 http(s)://主机名，例如 https://110.example.cn",
    "the address must be an http or https one with a host, such as https://110.example.cn",
)
_AWAY: Final[Bilingual] = ("没有连上这个地址", "this address was not reached")
_ODD: Final[Bilingual] = ("这个地址上不是本系统的网关", "what answers at this address is no gateway of this system")


class WaitingVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict that is still here. ``last``: what became of the last try, Chinese and English; () before the first."""

    ulid: Ulid
    village: VillageCode
    is_right: bool
    text: Words
    last: tuple[str, ...] = ()


class _Problem(msgspec.Struct):
    """As much of the gateway's word on an error as is shown."""

    code: str
    detail: str
    detail_zh: str


class _LoggedIn(msgspec.Struct):
    access_token: str


@dataclass(frozen=True)
class HandedIn:
    """``sent``: how many the gateway has stored; ``kept``: how many are still here. ``fault``: why none could be handed
    in at all, Chinese and English; None where they could."""

    sent: int
    kept: int
    fault: Bilingual | None = None

    def in_words(self) -> str:
        """What became of it, Chinese and English."""
        sent = f"已提交 {self.sent} 条，仍在本机 {self.kept} 条 / {self.sent} handed in, {self.kept} kept here"
        return sent if self.fault is None else f"{self.fault[0]} / {self.fault[1]}。{sent}"


class RefusedError(Exception):
    """What the gateway said instead of doing it, Chinese and English."""

    def __init__(self, words: Bilingual) -> None:
        super().__init__(" / ".join(words))
        self.words = words


class VerdictOutbox:
    """The verdicts in a folder. Only its owner may read them."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "outbox" / "verdicts"

    def add(self, village: str, is_right: bool, text: str) -> WaitingVerdict:
        """Keep a verdict, in place of what still waits of the same village. Raises ``msgspec.ValidationError`` for what
        is none."""
        one = _verdict(village, is_right, text)
        before = [other.ulid for other in self.waiting() if other.village == village]
        self._keep(one)
        for ulid in before:
            self.drop(ulid)
        return one

    def waiting(self) -> list[WaitingVerdict]:
        """Those that are still here, the earliest first."""
        return [one for one in self._read().values() if one is not None]

    def damaged(self) -> list[str]:
        """The names of files that can't be read; what they hold lies nowhere else, so they stay."""
        return [file.name for file, one in self._read().items() if one is None]

    def drop(self, ulid: str) -> None:
        """Forget one, since its author wants so."""
        self._file(ulid).unlink(missing_ok=True)

    def _read(self) -> dict[Path, WaitingVerdict | None]:
        found: dict[Path, WaitingVerdict | None] = {}
        for file in sorted(self._folder.glob("*.json")):
            try:
                found[file] = read_json(file, WaitingVerdict)
            except DamagedError:
                found[file] = None
        return found

    def hand_in(
        self, address: str, alias: str, password: str, client: Callable[..., httpx.Client] = httpx.Client
    ) -> HandedIn:
        """Log in and hand in all that is here, each once: a repeated one, whose answer was lost, has the same ULID and
        is stored once. Each that was stored leaves the folder; of the others the last word is kept. Neither address,
        account nor password is."""
        waiting, sent = self.waiting(), 0
        if not is_server_url(address):
            return HandedIn(0, len(waiting), _BAD_ADDRESS)
        try:
            with client(base_url=address, timeout=TIMEOUT_S) as gateway:
                login = {"alias": alias, "password": password, "device": "notebook", "cookie": False}
                answer = _post(gateway, "/auth/login", login)
                gateway.headers["Authorization"] = f"Bearer {_token(answer)}"
                for one in waiting:
                    sent += self._hand_in(gateway, one)
        except httpx.HTTPError:
            return HandedIn(sent, len(waiting) - sent, _AWAY)
        except RefusedError as error:
            return HandedIn(sent, len(waiting) - sent, error.words)
        return HandedIn(sent, len(waiting) - sent)

    def _hand_in(self, gateway: httpx.Client, one: WaitingVerdict) -> bool:
        said = {"ulid": one.ulid, "village": one.village, "is_right": one.is_right, "text": one.text}
        try:
            _post(gateway, "/watch/verdicts", said)
        except RefusedError as error:
            self._keep(msgspec.structs.replace(one, last=error.words))
            return False
        self.drop(one.ulid)
        return True

    def _keep(self, one: WaitingVerdict) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._file(one.ulid).with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(one))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._file(one.ulid))

    def _file(self, ulid: str) -> Path:
        return self._folder / f"{ulid}.json"


def what_is_missing(is_chosen: bool, text: str) -> str | None:
    """What a form's verdict lacks, Chinese and English; None where it is one."""
    try:
        _verdict("0" * CODE_LENGTHS["village"], True, text)
    except msgspec.ValidationError:
        return NOT_SAID
    return None if is_chosen else NOT_SAID


def _verdict(village: str, is_right: bool, text: str) -> WaitingVerdict:
    said = {"ulid": str(ULID()), "village": village, "is_right": is_right, "text": text.strip()}
    return msgspec.convert(said, WaitingVerdict)


def _post(gateway: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    """Raises ``RefusedError``, ``httpx.HTTPError``."""
    answer = gateway.post(path, json=body)
    if answer.is_success:
        return answer
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        raise RefusedError(_ODD) from None
    said = f"{answer.status_code} {problem.code}"
    raise RefusedError((f"{problem.detail_zh}（{said}）", f"{problem.detail} ({said})"))


def _token(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=_LoggedIn).access_token
    except msgspec.MsgspecError:
        raise RefusedError(_ODD) from None
