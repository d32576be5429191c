"""Accounts: the first one by a one-time code, then login, sessions and their end."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway import passwords, throttle
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import ROLES, Right
from gateway.services.permits import KEEPERS_AT_HOME, need
from gateway.services.values import AccountView, Actor, Browser, Session, TownView
from gateway.store import (
    Connection,
    Store,
    accounts,
    entities,
    events,
    guesses,
    people,
    register,
    sessions,
    settings,
)
from gateway.visible import has_unseen, visible

#: A session ends so long (seconds) after its last use.
SESSION_LIFE: Final = 12 * 3600.0
#: « Rester connecté sur ce téléphone » lasts so long (seconds), used or not.
STAY_LIFE: Final = 90 * 86400.0
#: Whose telephone may stay logged in: those who launch alerts at 3 in the morning.
MAY_STAY: Final = frozenset({"administrator", "approver"})
#: A device that proved a password is never held up by who guesses, for so long (seconds).
DEVICE_LIFE: Final = 365 * 86400.0
#: Which roles must have a second factor: a setting of the town.
TWO_FACTOR_ROLES: Final = "two_factor_roles"


def hash_of(secret: str) -> str:
    """Return what is kept of a token or code: long enough that nobody guesses it back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """Return a one-time code easily read aloud: no letter that looks like a digit."""
    return in_groups("".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(12)))


def in_groups(letters: str) -> str:
    """Return a code as it is printed, four by four."""
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


class TooManyTries(Refused):
    """Too many wrong passwords came from one place."""


class Accounts:
    """Who may come in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._hasher = PasswordHasher()
        # argon2 takes 64 MiB and a tenth of a second: one at a time, off the loop
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="password")

    async def needs_first_account(self) -> bool:
        """Tell whether nobody can log in yet."""
        return not await self._store.read(accounts.any_account)

    async def issue_first_code(self) -> str | None:
        """Make a new one-time code, or return None when there is an account already."""
        if not await self.needs_first_account():
            return None
        code = new_code()
        now = self._clock.now()
        await self._store.write(lambda db: accounts.set_first_code(db, hash_of(code), now))
        return code

    async def create_first(
        self, code: str, login: str, name: str, password: str, browser: Browser | None = None
    ) -> Session:
        """Create the first administrator with the one-time code, and log in."""
        given = hash_of(code.strip().upper())
        stored = await self._store.read(accounts.first_code)
        first = guesses.name_of("first", "code")
        await self.begin_try(first)
        if stored is None or not secrets.compare_digest(stored, given):
            raise Refused(
                "Ce code n'est pas le bon : relisez-le dans le terminal de l'installation, "
                "ou redonnez-en un avec « tocsin user code ».",
                "code",
            )
        await self._store.write(lambda db: guesses.forget(db, first))  # the code was right
        await self.add(login, name, password, "administrator", by=" ".join(name.split()))
        await self._store.write(accounts.spend_first_code)
        return await self.log_in(login, password, browser or Browser("first"))

    async def add(
        self, login: str, name: str, password: str, role: str, town: int | None = None,
        by: str = "Tocsin", *, given: bool = False,
    ) -> int:  # fmt: skip
        """Create an account of ``town`` (the box's own by default); ``by`` is who does.

        One whose role is to keep the register is named as its keeper. ``given``: the password was
        chosen for somebody else, who must change it. Raise `Refused` with the field at fault.
        """
        login, name = login.strip(), " ".join(visible(name).split())
        if not login or len(login) > 64 or has_unseen(login) or any(c.isspace() for c in login):
            raise Refused("L'identifiant s'écrit d'un seul mot, 64 caractères au plus.", "login")
        if not name:
            raise Refused("Écrivez le nom de la personne.", "name")
        if role not in ROLES:
            raise Refused(
                "Rôle inconnu : {role}. Rôles : {roles}.", "role", role=role, roles=", ".join(ROLES)
            )
        await self.check_password(password, login, name, town)
        hashed = await self.hashed(password)
        now = self._clock.now()

        def work(db: Connection) -> int | None:
            entity = people.first_entity(db)
            if entity is None:
                raise Refused("La commune n'est pas encore créée : lancez « tocsin init ».")
            home = town or entity["id"]
            made = accounts.add(db, home, login, name, role, hashed, now, must_change=given, by=by)
            if made is not None and role == "keeper":
                register.name_keeper(db, home, made, by, now, on=True)
            return made

        number = await self._store.write(work)
        if number is None:
            raise Refused("L'identifiant « {login} » est déjà pris.", "login", login=login)
        return number

    async def check_password(
        self, password: str, login: str, name: str, town: int | None = None
    ) -> None:
        """Raise `Refused` for a password that is short, leaked or guessed; see `passwords`."""
        row = await self._store.read(
            lambda db: entities.get(db, town) if town else people.first_entity(db)
        )
        about = (login, name, row["name"] if row else "")
        loop = asyncio.get_running_loop()
        fault = await loop.run_in_executor(self._pool, passwords.fault_of, password, about)
        if fault:
            raise Refused(fault, "password")

    async def log_in(
        self, login: str, password: str, browser: Browser, *, stay: bool = False
    ) -> Session:
        """Check a password and open a session; raise `Refused` when it is wrong or too often.

        The session may await more: see `Session.awaits`. One the browser had is over.
        """
        device = browser.device or secrets.token_urlsafe(32)
        account = await self._proved(login, password, browser)
        token, now = secrets.token_urlsafe(32), self._clock.now()
        stays = stay and account["role"] in MAY_STAY
        life = STAY_LIFE if stays else SESSION_LIFE

        def work(db: Connection) -> None:
            if browser.session:
                sessions.close(db, hash_of(browser.session))
            sessions.open_session(
                db, account["id"], hash_of(token), secrets.token_urlsafe(32), now, now + life,
                origin=browser.origin, agent=browser.agent, stays=stays,
                awaits=awaited(db, account, proved=False),
            )  # fmt: skip
            sessions.know(db, hash_of(device), account["id"], now, now + DEVICE_LIFE)
            told = {"login": account["login"], "by": account["name"]}
            events.record(db, now, "account.entered", told, entity_id=account["entity_id"])

        await self._store.write(work)
        return replace(await self.living(token), device=device)

    async def recognise(self, login: str, password: str, origin: str) -> Actor:
        """Return for whom a login and password speak, without a session; raise as `log_in`.

        An account with a second factor does not speak by its password alone.
        """
        row = await self._proved(login, password, Browser(origin))
        if row["totp_secret"] or row["must_change"]:
            raise Refused("Ce compte demande plus qu'un mot de passe : donnez au logiciel un accès "
                          "(Réglages, Autres logiciels).", "password")  # fmt: skip
        town = await self._store.read(lambda db: entities.get(db, row["entity_id"]))
        return Actor(row["id"], row["login"], row["name"], row["role"], row["entity_id"],
                     town["name"], town["timezone"])  # fmt: skip

    async def _proved(self, login: str, password: str, browser: Browser) -> sqlite3.Row:
        login, now = login.strip()[:64], self._clock.now()
        device = hash_of(browser.device) if browser.device else ""
        known = bool(device) and await self._store.read(
            lambda db: sessions.knows(db, device, login, now)
        )
        own = guesses.name_of(*(("device", device) if known else ("login", login.casefold())))
        place = guesses.name_of("from", network_of(browser.origin))
        await self.begin_try(*((own,) if known else (own, place)))
        account = await self._store.read(lambda db: accounts.by_login(db, login))
        # a stranger must not learn from the time taken which logins exist
        right = await self.matches(account["password_hash"] if account else "", password)
        if account is None or not right:
            raise Refused("Identifiant ou mot de passe incorrect.", "password")

        def passed(db: Connection) -> None:
            guesses.forget(db, own)
            if not known:
                guesses.take_back(db, place)

        await self._store.write(passed)
        return account

    async def begin_try(self, *names: str) -> None:
        """Count a try before it is looked at; raise `TooManyTries` when one must wait."""
        now = self._clock.now()
        wait = await self._store.write(lambda db: guesses.begin(db, names, now))
        if wait:
            raise TooManyTries(throttle.words(wait), "password")

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

    async def living(self, token: str) -> Session:
        """Return a session that was just opened or changed."""
        session = await self.resume(token)
        if session is None:
            raise Refused("La session n'a pas pu s'ouvrir : réessayez.")
        return session

    async def resume(self, token: str, origin: str = "") -> Session | None:
        """Return the session of a cookie, prolonged, or None."""
        now, hashed = self._clock.now(), hash_of(token)
        row = await self._open(hashed, now)
        if row is None:
            return None
        if now - row["seen_at"] > 60:
            await self._store.write(
                lambda db: sessions.touch(db, hashed, now, now + SESSION_LIFE, origin)
            )
        actor = Actor(row["id"], row["login"], row["name"], row["role"], row["entity_id"],
                      row["entity_name"], row["timezone"], bool(row["keeper"]),
                      row["home_id"] == row["entity_id"], row["under"])  # fmt: skip
        return Session(token, row["csrf"], actor, row["home_id"], row["awaits"],
                       lasts=STAY_LIFE if row["stays"] else 0.0)  # fmt: skip

    async def holds(self, session: Session) -> bool:
        """Tell whether a session still is what it was: open, for the same person, role and town.

        Asking does not prolong it.
        """
        row = await self._open(hash_of(session.token), self._clock.now())
        actor = session.actor
        return row is not None and (
            (row["id"], row["role"], row["entity_id"], row["awaits"])
            == (actor.user_id, actor.role, actor.entity_id, session.awaits)
        )

    async def _open(self, hashed: str, now: float) -> sqlite3.Row | None:
        row = await self._store.read(lambda db: sessions.get(db, hashed, now))
        return None if row is None or (row["stays"] and row["role"] not in MAY_STAY) else row

    async def towns(self, session: Session) -> tuple[TownView, ...]:
        """Return the towns a session may act for: its own and, of a community, its communes."""
        rows = await self._store.read(lambda db: entities.family(db, session.home_id))
        acting = session.actor.entity_id
        return tuple(TownView(row["id"], row["name"], row["id"] == acting) for row in rows)

    async def act_for(self, session: Session, town: int) -> None:
        """Let a session act for another of its towns; raise `Refused` when it is none of them."""
        hashed = hash_of(session.token)
        if not await self._store.write(lambda db: sessions.act_for(db, hashed, town)):
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
            raise Refused("« {name} » existe déjà.", "town", name=name)
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
        """Create an account of the town one acts for; raise `Refused` with the field.

        Its password, handed over, must be changed at the first login.
        """
        need(actor, Right.SETTINGS)
        if role == "keeper" and not actor.at_home:
            raise Refused(
                KEEPERS_AT_HOME,
                "role",
            )
        return await self.add(login, name, password, role, actor.entity_id, actor.name, given=True)

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
        await self._store.write(lambda db: sessions.close(db, hash_of(token)))

    def close(self) -> None:
        """Let the password thread go."""
        self._pool.shutdown(wait=False)


def awaited(db: Connection, account: sqlite3.Row, *, proved: bool) -> str:
    """Return what must come first: ``code``, ``password``, ``enrol``, or nothing.

    ``proved``: the second factor was given.
    """
    if account["totp_secret"]:
        if not proved:
            return "code"
    elif account["role"] in settings.read(db, account["entity_id"]).get(TWO_FACTOR_ROLES, ()):
        return "password" if account["must_change"] else "enrol"
    return "password" if account["must_change"] else ""


def network_of(origin: str) -> str:
    """Return what counts as one place: an address, or the /64 a household has of IPv6."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    if address.version == 4:
        return origin
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


#: Verified against when the login is unknown, so that both answers take the same time.
_NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$cm9ja3NhbHRyb2Nrc2FsdA$"
    "vXEqkcPxnYwuMvTXQ7Og1d9Wt1vGDIPpKtI9S8vwPdo"
)
