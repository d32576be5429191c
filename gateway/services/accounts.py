"""Accounts: the first one by a one-time code, then login, sessions and their end."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import ROLES, Right
from gateway.services.permits import need
from gateway.services.values import AccountView, Actor, Session, TownView
from gateway.store import Connection, Store, accounts, entities, people, register

#: A session ends so long (seconds) after its last use.
SESSION_LIFE: Final = 12 * 3600.0
#: So many wrong passwords from one origin within `LOCK_SPAN` seconds, then a pause.
WRONG_LIMIT: Final = 5
LOCK_SPAN: Final = 300.0
SHORTEST_PASSWORD: Final = 10


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """Return a one-time code easily read aloud: no letter that looks like a digit."""
    return "-".join(
        "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(4))
        for _ in range(3)
    )


class TooManyTries(Refused):
    """Too many wrong passwords came from one place."""


class Accounts:
    """Who may come in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._hasher = PasswordHasher()
        # argon2 takes 64 MiB and a tenth of a second: one at a time, off the loop
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._wrong: dict[str, deque[float]] = {}

    async def needs_first_account(self) -> bool:
        """Tell whether nobody can log in yet."""
        return not await self._store.read(accounts.any_account)

    async def issue_first_code(self) -> str | None:
        """Make a new one-time code, or return None when there is an account already."""
        if not await self.needs_first_account():
            return None
        code = new_code()
        now = self._clock.now()
        await self._store.write(lambda db: accounts.set_first_code(db, _hash_of(code), now))
        return code

    async def create_first(self, code: str, login: str, name: str, password: str) -> Session:
        """Create the first administrator with the one-time code, and log in."""
        given = _hash_of(code.strip().upper())
        stored = await self._store.read(accounts.first_code)
        self._check_rate("first")
        if stored is None or not secrets.compare_digest(stored, given):
            self._note_wrong("first")
            raise Refused(
                "Ce code n'est pas le bon : relisez-le dans le terminal de l'installation, "
                "ou redonnez-en un avec « tocsin user code ».",
                "code",
            )
        await self.add(login, name, password, "administrator")
        await self._store.write(accounts.spend_first_code)
        return await self.log_in(login, password, "first")

    async def add(
        self, login: str, name: str, password: str, role: str, town: int | None = None,
        by: str = "Tocsin",
    ) -> int:  # fmt: skip
        """Create an account of ``town`` (the box's own by default); ``by`` is who does.

        One whose role is to keep the register is named as its keeper. Raise `Refused` with the
        field at fault.
        """
        login, name = login.strip(), " ".join(name.split())
        if not login or len(login) > 64 or any(c.isspace() for c in login):
            raise Refused("L'identifiant s'écrit d'un seul mot, 64 caractères au plus.", "login")
        if not name:
            raise Refused("Écrivez le nom de la personne.", "name")
        if role not in ROLES:
            raise Refused(f"Rôle inconnu : {role}. Rôles : {', '.join(ROLES)}.", "role")
        self._check_password(password, login)
        hashed = await self.hashed(password)
        now = self._clock.now()

        def work(db: Connection) -> int | None:
            entity = people.first_entity(db)
            if entity is None:
                raise Refused("La commune n'est pas encore créée : lancez « tocsin init ».")
            home = town or entity["id"]
            made = accounts.add(db, home, login, name, role, hashed, now)
            if made is not None and role == "keeper":
                register.name_keeper(db, home, made, by, now, on=True)
            return made

        number = await self._store.write(work)
        if number is None:
            raise Refused(f"L'identifiant « {login} » est déjà pris.", "login")
        return number

    @staticmethod
    def _check_password(password: str, login: str) -> None:
        if len(password) < SHORTEST_PASSWORD:
            raise Refused(
                f"Le mot de passe doit avoir {SHORTEST_PASSWORD} caractères au moins : "
                "trois mots au hasard font l'affaire.",
                "password",
            )
        if len(password) > 256:
            raise Refused("Le mot de passe dépasse 256 caractères.", "password")
        if login.casefold() in password.casefold() or len(set(password)) < 4:
            raise Refused("Ce mot de passe se devine : choisissez-en un autre.", "password")

    async def log_in(self, login: str, password: str, origin: str) -> Session:
        """Check a password and open a session; raise `Refused` when it is wrong or too often."""
        account = await self._proved(login, password, origin)
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self._clock.now()
        await self._store.write(
            lambda db: accounts.open_session(
                db, account["id"], _hash_of(token), csrf, now, now + SESSION_LIFE
            )
        )
        session = await self.resume(token)
        if session is None:
            raise Refused("La session n'a pas pu s'ouvrir : réessayez.")
        return session

    async def recognise(self, login: str, password: str, origin: str) -> Actor:
        """Return for whom a login and password speak, without a session; raise as `log_in`."""
        row = await self._proved(login, password, origin)
        town = await self._store.read(lambda db: entities.get(db, row["entity_id"]))
        return Actor(row["id"], row["login"], row["name"], row["role"], row["entity_id"],
                     town["name"], town["timezone"])  # fmt: skip

    async def _proved(self, login: str, password: str, origin: str) -> sqlite3.Row:
        self._check_rate(origin)
        account = await self._store.read(lambda db: accounts.by_login(db, login.strip()))
        # a stranger must not learn from the time taken which logins exist
        right = await self.matches(account["password_hash"] if account else "", password)
        if account is None or not right:
            self._note_wrong(origin)
            raise Refused("Identifiant ou mot de passe incorrect.", "password")
        self._wrong.pop(origin, None)
        return account

    async def hashed(self, secret: str) -> str:
        """Return what may be kept of a password or PIN (argon2id)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.hash, secret)

    async def matches(self, stored: str, secret: str) -> bool:
        """Tell whether a secret is the one that was kept; as slow where nothing was."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._verify, stored or _NOBODY, secret[:256])

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _check_rate(self, origin: str) -> None:
        now = self._clock.now()
        wrong = self._wrong.get(origin, deque())
        while wrong and wrong[0] < now - LOCK_SPAN:
            wrong.popleft()
        if len(wrong) >= WRONG_LIMIT:
            raise TooManyTries("Trop d'essais : attendez cinq minutes.", "password")

    def _note_wrong(self, origin: str) -> None:
        if len(self._wrong) > 1000:
            self._wrong.clear()
        self._wrong.setdefault(origin, deque(maxlen=WRONG_LIMIT)).append(self._clock.now())

    async def resume(self, token: str) -> Session | None:
        """Return the session of a cookie, prolonged, or None."""
        now, hashed = self._clock.now(), _hash_of(token)
        row = await self._store.read(lambda db: accounts.session(db, hashed, now))
        if row is None:
            return None
        if now - row["seen_at"] > 60:
            await self._store.write(
                lambda db: accounts.touch_session(db, hashed, now, now + SESSION_LIFE)
            )
        actor = Actor(row["id"], row["login"], row["name"], row["role"], row["entity_id"],
                      row["entity_name"], row["timezone"], bool(row["keeper"]),
                      row["home_id"] == row["entity_id"])  # fmt: skip
        return Session(token, row["csrf"], actor, row["home_id"])

    async def towns(self, session: Session) -> tuple[TownView, ...]:
        """Return the towns a session may act for: its own and, of a community, its communes."""
        rows = await self._store.read(lambda db: entities.family(db, session.home_id))
        acting = session.actor.entity_id
        return tuple(TownView(row["id"], row["name"], row["id"] == acting) for row in rows)

    async def act_for(self, session: Session, town: int) -> None:
        """Let a session act for another of its towns; raise `Refused` when it is none of them."""
        hashed = _hash_of(session.token)
        if not await self._store.write(lambda db: accounts.act_for(db, hashed, town)):
            raise Refused("Cette commune n'est pas de votre communauté.")

    async def add_town(self, session: Session, name: str) -> int:
        """Add a commune to the community; raise `Refused` naming the field."""
        actor, name = session.actor, " ".join(name.split())[:80]
        need(actor, Right.SETTINGS)
        if not name:
            raise Refused("Écrivez le nom de la commune.", "town")
        now = self._clock.now()

        def work(db: Connection) -> int | None:
            if entities.is_commune(db, session.home_id):
                raise Refused("Seule la communauté peut ajouter une commune.", "town")
            return entities.add(db, session.home_id, name, actor.timezone, actor.name, now)

        number = await self._store.write(work)
        if number is None:
            raise Refused(f"« {name} » existe déjà.", "town")
        return number

    async def list(self, actor: Actor) -> list[AccountView]:
        """Return the accounts of a town."""
        rows = await self._store.read(lambda db: accounts.of_town(db, actor.entity_id))
        return [
            AccountView(row["id"], row["login"], row["name"], row["role"],
                        row["disabled_at"] is None, row["id"] == actor.user_id)
            for row in rows
        ]  # fmt: skip

    async def open_for(self, actor: Actor, login: str, name: str, password: str, role: str) -> int:
        """Create an account of the town one acts for; raise `Refused` with the field."""
        need(actor, Right.SETTINGS)
        if role == "keeper" and not actor.at_home:
            raise Refused(
                "Seul un administrateur de la commune elle-même nomme les gardiens du registre.",
                "role",
            )
        return await self.add(login, name, password, role, actor.entity_id, actor.name)

    async def disable(self, actor: Actor, account_id: int) -> None:
        """Close an account, never one's own nor the last administrator's."""
        need(actor, Right.SETTINGS)
        if account_id == actor.user_id:
            raise Refused("Vous ne pouvez pas fermer votre propre compte.")
        now = self._clock.now()

        def work(db: Connection) -> bool:
            done = accounts.disable(db, actor.entity_id, account_id, actor.name, now)
            if done and not entities.is_commune(db, actor.entity_id) and (
                accounts.administrators(db, actor.entity_id) == 0
            ):  # fmt: skip
                raise Refused("C'est le dernier administrateur : créez-en un autre d'abord.")
            return done

        if not await self._store.write(work):
            raise Refused("Ce compte n'existe plus.")

    async def log_out(self, token: str) -> None:
        """End a session."""
        await self._store.write(lambda db: accounts.close_session(db, _hash_of(token)))

    def close(self) -> None:
        """Let the password thread go."""
        self._pool.shutdown(wait=False)


#: Verified against when the login is unknown, so that both answers take the same time.
_NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$cm9ja3NhbHRyb2Nrc2FsdA$"
    "vXEqkcPxnYwuMvTXQ7Og1d9Wt1vGDIPpKtI9S8vwPdo"
)
