"""What a store was set up with: the register, and the rulebook that lights are computed by. Read once, kept until the
city's documents change."""

from __future__ import annotations

import msgspec

from models.documents import Dataset, RegisterDocument
from models.ids import database_of
from models.setup import Setup, setup_of
from sync_api.couch import Couch, CouchError
from sync_api.errors import StoreUnavailable

_decode_register = msgspec.json.Decoder(RegisterDocument).decode
_decode_dataset = msgspec.json.Decoder(Dataset).decode


class NotSetUp(StoreUnavailable):
    """The store holds no register yet."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "not_set_up"
        self.zh = "系统尚未导入区划。请运行 d110 divisions import。"
        self.en = "No divisions have been imported yet: run `d110 divisions import`."


class Installation:
    """The set-up of the store, loaded when first asked for."""

    def __init__(self, couch: Couch, city: str) -> None:
        self._couch, self.city = couch, city
        self._setup: Setup | None = None

    @property
    def city_database(self) -> str:
        return database_of(self.city)

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
        dataset = await self._document("dataset")
        return setup_of(_decode_register(content), None if dataset is None else _decode_dataset(dataset))

    async def _document(self, kind: str) -> bytes | None:
        try:
            return await self._couch.get(self.city_database, f"{self.city}:{kind}")
        except CouchError as error:
            if error.status == 404:
                return None
            raise
