"""What happens as it happens, for whoever may still see it: a stream ends with its session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.web.gatehouse import House, Visitor, gatehouse
from web.live import CHECK


async def revoked(house: House, visitor: Visitor) -> None:
    """An administrator ends the sessions of an account."""
    await house.care.end_sessions(house.chief, 2)


async def closed(house: House, visitor: Visitor) -> None:
    """The account is closed."""
    await house.accounts.disable(house.chief, 2)


async def another_role(house: House, visitor: Visitor) -> None:
    """It has another role now."""
    await house.care.change_role(house.chief, 2, "keeper")


async def logged_out(house: House, visitor: Visitor) -> None:
    """In another tab, its person logs out."""
    await visitor.post("/deconnexion", at="/compte")


async def ran_out(house: House, visitor: Visitor) -> None:
    """Nobody has touched anything for half a day: a page left open is no use of a session."""
    now = house.clock.now()
    await house.store.write(lambda db: db.execute("UPDATE session SET expires_at = ?", (now,)))


ENDS = [revoked, closed, another_role, logged_out, ran_out]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_a_stream_ends_soon_after_its_session(
    tmp_path: Path, end: Callable[[House, Visitor], Awaitable[None]]
) -> None:
    """Whoever lost the right to look sees no more, though the page stays open."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("sylvie")
        async with visitor.client.get("/flux/modems") as stream:
            first = await stream.content.readuntil(b"\r\n\r\n")
            await house.passes(10 * CHECK)
            open_still = not stream.content.at_eof()
            await end(house, visitor)
            before = house.clock.now()
            rest = await stream.content.read()
            took = house.clock.now() - before

    assert first == b"data: run-1\r\n\r\n"
    assert open_still
    assert rest.replace(b": ping\r\n\r\n", b"") == b""  # nothing more, and nothing told twice
    assert took <= CHECK + 0.5
