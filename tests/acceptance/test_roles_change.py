"""An account is given another role: what it may do changes at once, and the record says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.services import Actor, AuditFilter, Browser, NotAllowed, Refused, Session
from modem.emulator import Network
from tests.harness import Town, running

PASSWORD = "trois mots au hasard"


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def two_accounts(town: Town) -> tuple[Actor, Session]:
    """Make an administrator and a secretary, who is logged in; return both."""
    accounts = town.services.accounts
    await accounts.add("camille", "Camille", PASSWORD, "administrator")
    await accounts.add("sacha", "Sacha", PASSWORD, "sender")
    first = await accounts.log_in("camille", PASSWORD, Browser("ici"))
    return first.actor, await accounts.log_in("sacha", PASSWORD, Browser("ici"))


async def test_a_new_role_counts_from_the_next_page(tmp_path: Path) -> None:
    """The secretary becomes a technician: the names are closed to them now, not tomorrow."""
    async with running(tmp_path, network()) as town:
        boss, session = await two_accounts(town)
        number = session.actor.user_id or 0

        await town.services.account_care.change_role(boss, number, "technician")
        again = await town.services.accounts.log_in("sacha", PASSWORD, Browser("ici"))

        assert await town.services.accounts.resume(session.token) is None
        assert "technician" == again.actor.role
        with pytest.raises(NotAllowed):
            await town.services.directory.contacts(again.actor)
        listed = (await town.services.audit.page(boss, AuditFilter("accounts", "Cam"))).items
        assert "a changé le rôle d'un compte" in [one.what for one in listed]


async def test_a_keeper_by_role_keeps_the_register_and_no_longer_after(tmp_path: Path) -> None:
    """The register names its keepers: the role is the naming."""
    async with running(tmp_path, network()) as town:
        boss, session = await two_accounts(town)
        number, care = session.actor.user_id or 0, town.services.account_care

        await care.change_role(boss, number, "keeper")
        keeps = (
            await town.services.accounts.log_in("sacha", PASSWORD, Browser("ici"))
        ).actor.keeper
        await care.change_role(boss, number, "auditor")
        after = (
            await town.services.accounts.log_in("sacha", PASSWORD, Browser("ici"))
        ).actor.keeper

        assert (True, False) == (keeps, after)


async def test_nobody_is_left_without_an_administrator(tmp_path: Path) -> None:
    """Nor does anybody change their own role, or name a keeper for another town."""
    async with running(tmp_path, network()) as town:
        boss, session = await two_accounts(town)
        number, care = session.actor.user_id or 0, town.services.account_care
        other = replace(boss, user_id=None)

        with pytest.raises(Refused, match="votre propre rôle"):
            await care.change_role(boss, boss.user_id or 0, "sender")
        with pytest.raises(Refused, match="dernier administrateur"):
            await care.change_role(other, boss.user_id or 0, "sender")
        with pytest.raises(Refused, match="elle-même"):
            await care.change_role(replace(boss, at_home=False), number, "keeper")
        with pytest.raises(Refused, match="Rôle inconnu"):
            await care.change_role(boss, number, "roi")
        with pytest.raises(NotAllowed):
            await care.change_role(session.actor, number, "administrator")

        shown = await care.list(boss)
        assert {"administrator", "sender"} == {one.role for one in shown}
