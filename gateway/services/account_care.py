"""What an administrator does for other people's accounts: a way back in, and a way out."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import ROLES, Right, rights_of
from gateway.services import town_forms
from gateway.services.accounts import TWO_FACTOR_ROLES, Accounts
from gateway.services.permits import KEEPERS_AT_HOME, need
from gateway.services.values import Actor, GuardedView
from gateway.services.words import local
from gateway.store import (
    Connection,
    Store,
    accounts,
    entities,
    events,
    register,
    sessions,
    settings,
    two_factor,
)


class AccountCare:
    """Temporary passwords, sessions ended, second factors taken away or asked for."""

    def __init__(self, store: Store, clock: Clock, known: Accounts) -> None:
        self._store, self._clock, self._accounts = store, clock, known

    async def list(self, actor: Actor) -> tuple[GuardedView, ...]:
        """Return the town's accounts in use."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()

        def work(db: Connection) -> tuple[GuardedView, ...]:
            rows = accounts.of_town(db, actor.entity_id)
            return tuple(
                _shown(row, sessions.of_account(db, row["id"], now), actor)
                for row in rows
                if row["disabled_at"] is None
            )

        return await self._store.read(work)

    async def roles_asked(self, actor: Actor) -> frozenset[str]:
        """Return which roles must have a second factor."""
        found = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return frozenset(found.get(TWO_FACTOR_ROLES, ()))

    async def ask_roles(self, actor: Actor, roles: Iterable[str], version: str = "") -> None:
        """Ask a second factor of these roles; who has none sets it up before anything else.

        Raise `Changed` where somebody asked others since the form of ``version``.
        """
        need(actor, Right.SETTINGS)
        chosen, now = sorted(set(roles) & set(ROLES)), self._clock.now()

        def work(db: Connection) -> None:
            town = settings.read(db, actor.entity_id)
            town_forms.unchanged(version, town_forms.ROLES, town, {TWO_FACTOR_ROLES: chosen})
            settings.write(db, actor.entity_id, TWO_FACTOR_ROLES, chosen, actor.name, now)
            if chosen:
                sessions.await_enrolment(db, actor.entity_id, tuple(chosen))

        await self._store.write(work)

    async def give_password(self, actor: Actor, account: int, password: str = "") -> str:
        """Set a password for one login, and end the sessions; return it.

        Drawn by lot when none is given.
        """
        need(actor, Right.SETTINGS)
        row = await self._store.read(lambda db: _of_town(db, actor, account))
        if row["id"] == actor.user_id:
            raise Refused("Changez votre propre mot de passe dans « Mon compte ».")
        chosen = password or _temporary()
        if password:
            await self._accounts.check_password(password, row["login"], row["name"],
                                                row["entity_id"])  # fmt: skip
        hashed, now = await self._accounts.hashed(chosen), self._clock.now()

        def work(db: Connection) -> None:
            two_factor.set_password(db, account, hashed, actor.name, now, must_change=True)
            sessions.close_all(db, account)

        await self._store.write(work)
        return chosen

    async def end_sessions(self, actor: Actor, account: int) -> None:
        """End all sessions of an account, telephones that stay logged in included."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()

        def work(db: Connection) -> None:
            row = _of_town(db, actor, account)
            sessions.close_all(db, account)
            events.record(db, now, "account.sessions_ended",
                          {"login": row["login"], "by": actor.name},
                          entity_id=row["entity_id"])  # fmt: skip

        await self._store.write(work)

    async def change_role(self, actor: Actor, account: int, role: str) -> None:
        """Give an account another role; its sessions end, and begin anew with it.

        Raise `Refused` for one's own account, the last administrator, or a keeper named by
        somebody who is not of the town itself.
        """
        need(actor, Right.SETTINGS)
        if role not in ROLES:
            raise Refused(
                "Rôle inconnu : {role}. Rôles : {roles}.", "role", role=role, roles=", ".join(ROLES)
            )
        now = self._clock.now()

        await self._store.write(lambda db: give_role(db, actor, account, role, now))

    async def reset_two_factor(self, actor: Actor, account: int) -> None:
        """Take a second factor away: its telephone is lost. Sessions end with it."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()

        def work(db: Connection) -> None:
            _of_town(db, actor, account)
            if not two_factor.turn_off(db, account, actor.name, now):
                raise Refused("Ce compte n'a pas de vérification en deux étapes.")
            sessions.close_all(db, account)

        await self._store.write(work)

    async def number_of(self, actor: Actor, login: str) -> int:
        """Return the account of a login, for the command line; raise `Refused` when none."""
        row = await self._store.read(lambda db: accounts.by_login(db, login.strip()))
        if row is None or row["entity_id"] != actor.entity_id:
            raise Refused("Aucun compte « {login} ».", "login", login=login)
        return int(row["id"])


def give_role(db: Connection, actor: Actor, account: int, role: str, now: float) -> None:
    """Give an account another role, as `AccountCare.change_role` does; raise `Refused`."""
    if account == actor.user_id:
        raise Refused("Vous ne pouvez pas changer votre propre rôle.", "role")
    row = _of_town(db, actor, account)
    if role == "keeper" and not actor.at_home:
        raise Refused(KEEPERS_AT_HOME, "role")
    accounts.change_role(db, account, role, actor.name, now)
    if not entities.is_commune(db, actor.entity_id) and (
        accounts.administrators(db, actor.entity_id) == 0
    ):
        raise Refused("C'est le dernier administrateur : créez-en un autre d'abord.")
    if role == "keeper" or Right.PEOPLE not in rights_of(role):
        # who keeps the register by role is named; who opens no directory keeps none
        register.name_keeper(db, row["entity_id"], account, actor.name, now, on=role == "keeper")
    sessions.close_all(db, account)


def _temporary() -> str:
    """Return a password easily read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _of_town(db: Connection, actor: Actor, account: int) -> sqlite3.Row:
    row = two_factor.get(db, account)
    if row is None or row["entity_id"] != actor.entity_id:
        raise Refused("Ce compte n'existe plus.")
    return row


def _shown(row: sqlite3.Row, open_: list[sqlite3.Row], actor: Actor) -> GuardedView:
    return GuardedView(
        row["id"], row["name"], row["login"], row["role"], row["totp_secret"] is not None,
        bool(row["must_change"]), len(open_),
        local(open_[0]["seen_at"] if open_ else None, actor.timezone),
        row["id"] == actor.user_id,
    )  # fmt: skip
