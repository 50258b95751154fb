"""What one document may hold at most."""

from datetime import date

from ulid import ULID

from models.catalogue import default_catalogue
from models.documents import Patrol, encode
from models.patrols import commitment_of
from models.policy import default_policy
from models.setup import Setup
from models.village import Rulebook
from sync_api.access.accounts import Account, Session
from sync_api.replication.intake import Accepted, check
from tests.papers import ISSUED_AT, heze


def test_a_lot_is_drawn_from_all_villages_of_the_city() -> None:
    register = heze()
    announced = Patrol(
        id=f"3717:patrol:s17:{ULID.from_datetime(ISSUED_AT)}",
        observed_at=ISSUED_AT,
        saved_at=ISSUED_AT,
        step="announced",
        villages=list(register.villages),
        since=date(2026, 11, 24),
        until=date(2026, 12, 24),
        count=50,
        commitment=commitment_of("底数"),
        text="全市随机抽查",
    )
    setup = Setup(register, Rulebook(default_catalogue(), default_policy(), 0, is_simulated=False))
    session = Session(Account(alias="s17", role="city", divisions=("3717",)), "device")
    judged = check(encode(announced), session, setup, "d110-3717", ISSUED_AT)
    assert isinstance(judged, Accepted), judged
