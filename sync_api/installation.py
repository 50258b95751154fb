"""What a store was set up with: the register, and the rulebook that lights are computed by. Read once, kept until the
city's documents change."""

from __future__ import annotations

from typing import Final

import msgspec

from models import calendar
from models.catalogue import default_catalogue
from models.divisions import Register, parse_register
from models.documents import Dataset, RegisterDocument
from models.ids import database_of
from models.policy import default_policy
from models.village import Rulebook
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable

DATABASE_PREFIX: Final = "d110-"
_decode_register = msgspec.json.Decoder(RegisterDocument).decode
_decode_dataset = msgspec.json.Decoder(Dataset).decode


class NotSetUp(StoreUnavailable):
    """The store holds no register yet."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "not_set_up"
        self.zh = "系统尚未导入区划。请运行 d110 divisions import。"
        self.en = "No divisions have been imported yet: run `d110 divisions import`."


class Setup(msgspec.Struct, frozen=True):
    register: Register
    rulebook: Rulebook


class Installation:
    """The set-up of the store, loaded when first asked for."""

    def __init__(self, couch: Couch, city: str) -> None:
        self._couch, self.city = couch, city
        self._setup: Setup | None = None

    @property
    def city_database(self) -> str:
        return database_of(self.city, DATABASE_PREFIX)

    async def setup(self) -> Setup:
        """Raises ``NotSetUp`` or ``StoreUnavailable``."""
        if self._setup is None:
            self._setup = await self._load()
        return self._setup

    def forget(self) -> None:
        """Read the set-up anew next time: the register or the data set was changed."""
        self._setup = None

    async def _load(self) -> Setup:
        content = await self._document("register")
        if content is None:
            raise NotSetUp
        document = _decode_register(content)
        dataset = await self._document("dataset")
        rulebook = Rulebook(
            catalogue=default_catalogue(),
            policy=default_policy(),
            watched_since=calendar.epoch_day(document.watched_since),
            is_simulated=dataset is not None and _decode_dataset(dataset).simulated,
        )
        return Setup(parse_register(document.csv.encode(), document.id), rulebook)

    async def _document(self, kind: str) -> bytes | None:
        try:
            return await self._couch.get(self.city_database, f"{self.city}:{kind}")
        except CouchError as error:
            if error.status == 404:
                return None
            raise
