"""Who has a case among the tasks whose office has no open account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from models.policy import default_policy
from sync_api.access.accounts import Account, Role
from sync_api.casework.lists import tasks_of

VILLAGE, TOWNSHIP, COUNTY, CITY = "371724109217", "371724109", "371724", "3717"


def matter(owner: str) -> Any:
    case = SimpleNamespace(village=VILLAGE, case="1", owner=owner, asked=None, called=(), told=(), stage="handling")
    more = {"is_open": True, "due_day": 0, "severity": "general"}
    return SimpleNamespace(case=SimpleNamespace(**vars(case), **more), opener="i1", steps=[])


def account(role: Role, division: str, department: str | None = None) -> Account:
    return Account(alias=f"{role}1", role=role, divisions=(division,), department=department)


@pytest.mark.parametrize(
    ("owner", "open_roles", "stands_in"),
    [
        (VILLAGE, ["station", "county", "city"], "station"),
        (VILLAGE, ["county", "city"], "county"),
        # a city is not asked to do what is a village's or a township's
        (VILLAGE, ["city"], None),
        (TOWNSHIP, ["county", "city"], "county"),
        (TOWNSHIP, ["city"], None),
        (COUNTY, ["station", "city"], "city"),
        ("民政", ["station", "county", "city"], "county"),
        ("民政", ["station", "city"], "city"),
        # who has an account has it alone
        (VILLAGE, ["administrator", "station"], None),
        (TOWNSHIP, ["station", "county"], None),
        ("民政", ["department", "county"], None),
    ],
)
def test_the_next_office_above_that_has_an_account_stands_in(
    owner: str, open_roles: list[Role], stands_in: Role | None
) -> None:
    of_role = {
        "administrator": account("administrator", VILLAGE),
        "station": account("station", TOWNSHIP),
        "county": account("county", COUNTY),
        "city": account("city", CITY),
        "department": account("department", COUNTY, "民政"),
    }
    # an informant takes no case
    accounts = [account("informant", VILLAGE), *(of_role[role] for role in open_roles)]
    found = {
        one.role
        for one in accounts
        for task, _ in tasks_of(one, [matter(owner)], default_policy(), accounts)
        if task == "vacant"
    }
    assert found == ({stands_in} if stands_in else set())
