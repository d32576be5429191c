"""Services of which a town of tests has next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.services import Actor, BatchView


class Councils:
    async def view(self, actor: Actor, broadcast_id: int) -> None:
        return None

    async def past(self, actor: Actor) -> list[Any]:
        return []


class Duties:
    async def lists(self, actor: Actor) -> list[str]:
        return []


class Imports:
    async def batches(self, actor: Actor) -> list[BatchView]:
        return []


@dataclass
class Outage:
    said: str = ""

    def notice(self) -> str:
        return self.said


class Persons:
    async def without_referent(self, actor: Actor) -> tuple[()]:
        return ()
