"""Services of which a town of tests has next to nothing."""

from __future__ import annotations

from typing import Any

from gateway.services import Actor


class Councils:
    async def view(self, actor: Actor, broadcast_id: int) -> None:
        return None

    async def past(self, actor: Actor) -> list[Any]:
        return []


class Duties:
    async def lists(self, actor: Actor) -> list[str]:
        return []


class Persons:
    async def without_referent(self, actor: Actor) -> tuple[()]:
        return ()
