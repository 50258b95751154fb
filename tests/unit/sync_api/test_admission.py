"""Turns of work: bounded in all and a user, in rotation, and never lost."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_api.access import admission as module
from sync_api.access.admission import WAITING_MAX, Admission
from sync_api.errors import Busy, TooManyRequests
from sync_api.replication.flights import Flights

USERS = st.sampled_from(["a", "b", "c"])


async def others() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_user_with_much_waiting_lets_the_next_turn_to_another() -> None:
    admission, served = Admission(at_once=1, at_once_a_user=1), list[str]()

    async def work(user: str) -> None:
        async with admission.turn(user):
            served.append(user)
            await others()

    async with admission.turn("another"):
        heavy = [asyncio.create_task(work("heavy")) for _ in range(10)]
        await others()
        light = asyncio.create_task(work("light"))
        await others()
    await asyncio.gather(*heavy, light)
    assert served.index("light") == 1
    assert Counter(served) == {"heavy": 10, "light": 1}


@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.lists(st.tuples(USERS, st.integers(0, 4), st.booleans()), max_size=40),
)
def test_turns_are_bounded_and_none_is_lost(
    at_once: int, at_once_a_user: int, asked: list[tuple[str, int, bool]]
) -> None:
    async def play() -> None:
        admission, running = Admission(at_once, at_once_a_user), Counter[str]()

        async def work(user: str, steps: int) -> None:
            async with admission.turn(user):
                running[user] += 1
                assert running[user] <= at_once_a_user
                assert running.total() <= at_once
                for _ in range(steps):
                    await asyncio.sleep(0)
                running[user] -= 1

        tasks = [asyncio.create_task(work(user, steps)) for user, steps, is_kept in asked if is_kept]
        gone = [asyncio.create_task(waits_and_goes(admission, user, steps)) for user, steps, kept in asked if not kept]
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks, *gone)
        # all turns are free again: so many can be held at once
        held = [admission.turn(f"user{number}") for number in range(at_once)]
        for turn in held:
            async with asyncio.timeout(1):
                await turn.__aenter__()
        for turn in held:
            await turn.__aexit__(None, None, None)

    asyncio.run(play())


async def waits_and_goes(admission: Admission, user: str, steps: int) -> None:
    """Somebody who hangs up after a while, whether his turn has come or not."""

    async def work() -> None:
        async with admission.turn(f"{user}-gone"):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})


async def test_who_has_too_much_waiting_is_told_when_to_come_back() -> None:
    admission = Admission(at_once=1)
    async with admission.turn("a"):
        waiting = [asyncio.create_task(admission.turn("a").__aenter__()) for _ in range(WAITING_MAX)]
        await others()
        with pytest.raises(TooManyRequests) as raised:
            await admission.turn("a").__aenter__()
        assert int(raised.value.headers["Retry-After"]) > 0
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)


async def test_a_turn_that_does_not_come_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_S_MAX", 0.01)
    admission = Admission(at_once=1)
    async with admission.turn("a"):
        with pytest.raises(Busy) as raised:
            await admission.turn("b").__aenter__()
    assert raised.value.headers["Retry-After"]
    async with admission.turn("b"):
        pass


def test_of_two_pulls_of_a_tablet_the_later_one_counts() -> None:
    flights = Flights()
    first, other = flights.begin("i0421", "tablet"), flights.begin("i0421", "other")
    second = flights.begin("i0421", "tablet")
    assert (first.is_last, second.is_last, other.is_last) == (False, True, True)
    first.end()
    assert second.is_last
    second.end()
    assert not second.is_last
