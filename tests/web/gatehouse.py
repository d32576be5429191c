"""The real accounts behind the pages, and nothing else real: for tests of who comes in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from gateway.clock import LoopClock
from gateway.services import AccountCare, Accounts, Actor, OwnAccount
from gateway.store import Store, people
from tests.web.fake import Town
from web.app import create_app

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Europe/Paris"))
PASSWORD, OTHER = "crue de l'Argent-Double", "le vent se lève à midi"
PHONE = "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit Chrome/140 Mobile Safari/537.36"


@dataclass
class Visitor:
    """One browser, with its cookies, at one address."""

    house: House
    client: TestClient[Any, Any]
    address: str

    @property
    def headers(self) -> dict[str, str]:
        origin = f"http://{self.client.server.host}:{self.client.server.port}"
        return {"Origin": origin, "User-Agent": PHONE, "X-Forwarded-For": self.address}

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, headers=self.headers)

    async def text(self, path: str) -> str:
        return (await (await self.get(path)).text()).replace("&#39;", "'")

    async def post(self, path: str, at: str = "", **fields: str) -> ClientResponse:
        """Post a form as it stands on the page ``at`` (the same address by default)."""
        found = re.search(r'name="csrf" value="([^"]+)"', await self.text(at or path))
        form = {"csrf": found[1] if found else "", **fields}
        return await self.client.post(path, data=form, headers=self.headers, allow_redirects=False)

    async def log_in(self, login: str, password: str = PASSWORD, **more: str) -> ClientResponse:
        return await self.post("/connexion", login=login, password=password, **more)

    async def goes_to(self, path: str) -> str:
        """Return where somebody ends who asks for a page."""
        return (await self.get(path)).url.path


@dataclass
class House:
    """The accounts, and the doors to them."""

    store: Store
    clock: LoopClock
    accounts: Accounts
    own: OwnAccount
    care: AccountCare
    town: Town
    server: TestServer
    visitors: list[TestClient[Any, Any]]

    @property
    def chief(self) -> Actor:
        return Actor(None, "test", "Essai", "administrator", 1, "La Redorte")

    async def visitor(self, address: str = "10.0.0.1") -> Visitor:
        client: TestClient[Any, Any] = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.visitors.append(client)
        return Visitor(self, client, address)

    async def passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def furnished(folder: Path) -> AsyncIterator[tuple[Town, Store, LoopClock]]:
    """Give a town real accounts, ``maire`` (administrator) and ``sylvie`` (sender)."""
    clock = LoopClock(NIGHT)
    store = Store(folder / "tocsin.db", None)
    await store.open()
    accounts = Accounts(store, clock)
    accounts._hasher = PasswordHasher(1, 8, 1)
    now = clock.now()
    await store.write(lambda db: people.ensure_entity(db, "La Redorte", "Europe/Paris", now))
    if await accounts.needs_first_account():
        await accounts.add("maire", "Odile Roux", PASSWORD, "administrator")
        await accounts.add("sylvie", "Sylvie Puig", PASSWORD, "sender")
    town = Town()
    town.accounts, town.own_account = accounts, OwnAccount(store, clock, accounts)
    town.account_care = AccountCare(store, clock, accounts)
    try:
        yield town, store, clock
    finally:
        accounts.close()
        await store.close()


@asynccontextmanager
async def gatehouse(folder: Path) -> AsyncIterator[House]:
    """Open the pages of that town, behind a proxy that says who visits."""
    async with furnished(folder) as (town, store, clock):
        app = create_app(town.services, secure_cookies=False, proxies=("127.0.0.1",))
        server = TestServer(app)
        await server.start_server()
        house = House(
            store, clock, town.accounts, town.own_account, town.account_care, town, server, []
        )  # fmt: skip
        try:
            yield house
        finally:
            for one in house.visitors:
                await one.session.close()
            await server.close()
