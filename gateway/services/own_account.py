"""One's own account: password, second factor, recovery codes, and where one is logged in."""

from __future__ import annotations

import secrets
import sqlite3
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import agents, totp
from gateway.clock import Clock, is_trusted
from gateway.enrol_form import as_svg
from gateway.errors import Refused
from gateway.sentences import fr
from gateway.services.accounts import (
    MAY_STAY,
    TWO_FACTOR_ROLES,
    Accounts,
    awaited,
    hash_of,
    in_groups,
    new_code,
)
from gateway.services.values import OwnAccountView, SecondFactor, Session, SessionView
from gateway.store import Connection, Store, guesses, sessions, settings, two_factor

#: Recovery codes on one sheet.
CODES: Final = 10
_WRONG_CODE: Final = fr(
    "Ce code n'est pas le bon, ou il a déjà servi : attendez le suivant. Si aucun ne passe, "
    "vérifiez l'heure de votre téléphone, ou donnez un code de secours."
)
#: While the telephone is being set up there is no sheet of codes yet.
_WRONG_FIRST: Final = fr(
    "Ce code n'est pas le bon : attendez que l'application en montre un autre, et recopiez-le. Si "
    "aucun ne passe, vérifiez l'heure de votre téléphone, ou photographiez l'image de nouveau."
)
_NO_CLOCK_YET: Final = fr(
    "L'heure de Tocsin n'est pas sûre en ce moment : les codes du téléphone ne peuvent pas être "
    "vérifiés. Recommencez quand Tocsin est à l'heure."
)
_NO_CLOCK: Final = fr(
    "L'heure de Tocsin n'est pas sûre en ce moment : les codes du téléphone ne peuvent pas être "
    "vérifiés. Donnez un code de secours."
)


class OwnAccount:
    """What everybody may do with their own account."""

    def __init__(self, store: Store, clock: Clock, known: Accounts) -> None:
        self._store, self._clock, self._accounts = store, clock, known

    async def view(self, session: Session) -> OwnAccountView:
        """Return how the account is guarded and where it is logged in."""
        number, now = _number(session), self._clock.now()
        own, zone = hash_of(session.token), session.actor.timezone

        def work(db: Connection) -> OwnAccountView:
            account = _account(db, number)
            required = settings.read(db, account["entity_id"]).get(TWO_FACTOR_ROLES, ())
            return OwnAccountView(
                account["totp_secret"] is not None, two_factor.codes_left(db, number),
                account["role"] in required, account["role"] in MAY_STAY,
                tuple(_shown(row, own, zone) for row in sessions.of_account(db, number, now)),
            )  # fmt: skip

        return await self._store.read(work)

    async def end_session(self, session: Session, which: int) -> None:
        """End one of one's sessions."""
        number, now = _number(session), self._clock.now()

        def work(db: Connection) -> bool:
            ended = sessions.close_one(db, number, which)
            if ended:
                two_factor.sessions_ended(db, number, now)
            return ended

        if not await self._store.write(work):
            raise Refused("Cette connexion est déjà terminée.")

    async def end_others(self, session: Session) -> None:
        """End all of one's sessions but this one."""
        number, own = _number(session), hash_of(session.token)
        now = self._clock.now()

        def work(db: Connection) -> None:
            if sessions.close_all(db, number, own):
                two_factor.sessions_ended(db, number, now)

        await self._store.write(work)

    async def change_password(self, session: Session, old: str, new: str, again: str) -> Session:
        """Change one's password, ending all other sessions; return this one, renewed."""
        number = _number(session, "", "password")
        account = await self._checked(session, old, "old")
        if new != again:
            raise Refused("Les deux mots de passe ne sont pas les mêmes.", "password")
        if new == old:
            raise Refused("C'est le mot de passe d'avant : choisissez-en un autre.", "password")
        actor = session.actor
        await self._accounts.check_password(new, actor.login, actor.name, account["entity_id"])
        hashed, now = await self._accounts.hashed(new), self._clock.now()

        def work(db: Connection) -> None:
            two_factor.set_password(db, number, hashed, actor.name, now, must_change=False)
            sessions.close_all(db, number, hash_of(session.token))

        await self._store.write(work)
        return await self._renewed(session)

    async def propose(self, session: Session) -> SecondFactor:
        """Return a secret to scan; the same until it is proved or the page is left for good."""
        number = _number(session, "", "enrol")

        def work(db: Connection) -> str:
            account = _account(db, number)
            if account["totp_secret"]:
                raise Refused("La vérification en deux étapes est déjà en service.")
            secret = str(account["totp_pending"] or totp.new_secret())
            two_factor.propose(db, number, secret)
            return secret

        secret = await self._store.write(work)
        actor = session.actor
        said = totp.address(secret, actor.login, actor.entity_name)
        return SecondFactor(secret, as_svg(said))

    async def turn_on(self, session: Session, code: str) -> tuple[Session, tuple[str, ...]]:
        """Ask for a second factor from now on, once ``code`` proves that it was scanned.

        Return the session, renewed, and the recovery codes, which are shown this once.
        """
        number, now = _number(session, "", "enrol"), self._clock.now()
        await self._accounts.begin_try(_guess(number))
        codes = _fresh_codes()

        def work(db: Connection) -> None:
            account = _account(db, number)
            secret = account["totp_pending"]
            step = totp.step_of(secret, code, now) if secret else None
            if step is None:
                raise Refused(_WRONG_FIRST if is_trusted(now) else _NO_CLOCK_YET, "code")
            two_factor.turn_on(db, number, secret, map(hash_of, codes), now)
            two_factor.spend_step(db, number, step, step)
            guesses.forget(db, _guess(number))

        await self._store.write(work)
        return await self._renewed(session), codes

    async def turn_off(self, session: Session, password: str) -> Session:
        """Ask for the password alone again; return the session, renewed.

        Where the town wants a second factor, it awaits a new one: that of another telephone.
        """
        number, now = _number(session), self._clock.now()
        await self._checked(session, password, "password")
        by = session.actor.name
        await self._store.write(lambda db: two_factor.turn_off(db, number, by, now))
        return await self._renewed(session)

    async def new_codes(self, session: Session, password: str) -> tuple[str, ...]:
        """Replace the recovery codes; those printed before are worth nothing."""
        number = _number(session)
        account = await self._checked(session, password, "password")
        if not account["totp_secret"]:
            raise Refused("La vérification en deux étapes n'est pas en service.")
        codes, now = _fresh_codes(), self._clock.now()

        def work(db: Connection) -> None:
            two_factor.renew_codes(db, number, map(hash_of, codes))
            two_factor.codes_renewed(db, number, now)

        await self._store.write(work)
        return codes

    async def prove(self, session: Session, code: str) -> Session:
        """Pass the second step of a login by a telephone's code or a recovery code."""
        number, now = _number(session, "code"), self._clock.now()
        await self._accounts.begin_try(_guess(number))

        def work(db: Connection) -> bool:
            right = _spent(db, _account(db, number), code, now)
            if right:
                guesses.forget(db, _guess(number))
            else:
                two_factor.refused(db, number, now)
            return right

        if not await self._store.write(work):
            raise Refused(_WRONG_CODE if is_trusted(now) else _NO_CLOCK, "code")
        return await self._renewed(session)

    async def _renewed(self, session: Session) -> Session:
        """Return the session under another token, awaiting what is still to come."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        number = _number(session, "", "code", "password", "enrol")

        def work(db: Connection) -> None:
            next_ = awaited(db, _account(db, number), proved=True)
            sessions.renew(db, hash_of(session.token), hash_of(token), csrf, next_)

        await self._store.write(work)
        return await self._accounts.living(token)

    async def _checked(self, session: Session, password: str, field: str) -> sqlite3.Row:
        """Return the account when the password is its own: a session left open is not enough."""
        number = _number(session, "", "password")
        guess = guesses.name_of("own", str(number))
        await self._accounts.begin_try(guess)
        account = await self._store.read(lambda db: _account(db, number))
        if not await self._accounts.matches(account["password_hash"], password):
            raise Refused("Ce n'est pas votre mot de passe actuel.", field)
        await self._store.write(lambda db: guesses.forget(db, guess))
        return account


def _spent(db: Connection, account: sqlite3.Row, code: str, now: float) -> bool:
    """Use up a code, of the telephone or of the sheet; False when it is none."""
    plain = "".join(filter(str.isalnum, code)).upper()
    if two_factor.spend_code(db, account["id"], hash_of(in_groups(plain)), now):
        return True
    if not account["totp_secret"] or not is_trusted(now):
        return False
    step = totp.step_of(account["totp_secret"], plain, now)
    current = int(now) // totp.STEP
    return step is not None and two_factor.spend_step(db, account["id"], step, current)


def _fresh_codes() -> tuple[str, ...]:
    return tuple(new_code() for _ in range(CODES))


def _guess(number: int) -> str:
    return guesses.name_of("code", str(number))


def _number(session: Session, *awaiting: str) -> int:
    """Return whose session it is; raise `Refused` when something else must come first."""
    if session.awaits not in (awaiting or ("",)):
        raise Refused("Terminez d'abord la connexion.")
    if session.actor.user_id is None:
        raise Refused("Ce n'est pas un compte de la page.")
    return session.actor.user_id


def _account(db: Connection, number: int) -> sqlite3.Row:
    account = two_factor.get(db, number)
    if account is None:
        raise Refused("Ce compte est fermé.")
    return account


def _shown(row: sqlite3.Row, own: str, zone: str) -> SessionView:
    since, seen, until = (
        datetime.fromtimestamp(row[name], ZoneInfo(zone))
        for name in ("created_at", "seen_at", "expires_at")
    )
    return SessionView(
        row["number"], since, seen, until, row["origin"], agents.in_words(row["agent"]),
        row["token_hash"] == own, bool(row["stays"]),
    )  # fmt: skip
