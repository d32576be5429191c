"""What all communes of a box share is set by the community alone, and its history says so."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from argon2 import PasswordHasher

from gateway.services import Browser
from gateway.services.permits import NotAllowed
from tests.harness import Town
from tests.web.real import OneAccount, RealTown, real_town
from tests.web.site import site

PASSWORD = "neuf-lapins-bleus-rient"
LIMITS = {"segments_per_day": 3}


@asynccontextmanager
async def azille(folder: Path) -> AsyncIterator[tuple[RealTown, Town, OneAccount]]:
    """Run a community's box; return it, and an administrator of one of its communes."""
    async with real_town(folder) as town:
        accounts = town.services.accounts
        accounts._hasher = PasswordHasher(1, 8, 1)  # what passwords cost is no question here
        commune = await accounts.add_town(town.accounts.session, "Azille")
        await accounts.add("azille", "Zoé", PASSWORD, "administrator", commune, "Camille")
        theirs = await accounts.log_in("azille", PASSWORD, Browser("azille"))
        yield town, town.box, OneAccount(theirs)


async def test_a_communes_administrator_sees_the_sims_and_who_may_change_them(
    tmp_path: Path,
) -> None:
    """Three SMS a day on the SIM held everybody's messages, and the others saw no reason."""
    async with azille(tmp_path) as (town, box, account):
        theirs = replace_accounts(town, account)
        async with site(cast("Any", theirs)) as browser:
            page = html.unescape(await browser.text("/reglages/forfaits"))
            modems = await browser.text("/modems")
            console = await browser.get("/modems/console")
            before = await box.services.tuning.sims(account.session.actor)
            sim = before[0].sim
            refused = [
                await browser.post(f"/reglages/{what}", {"sim": sim, **fields})
                for what, fields in (
                    ("sim", {"segments_per_day": "3"}), ("route", {"prefixes": "06 39"}),
                    ("regime", {"regime": "automated", "why": "accord du 3 mars"}),
                )
            ]  # fmt: skip
            after = await box.services.tuning.sims(account.session.actor)

    assert "seul un administrateur de La Redorte les règle" in page
    assert 'action="/reglages/sim"' not in page
    assert "/modems/console" not in modems
    assert 403 == console.status
    assert [403] * 3 == [one.status for one in refused]
    assert before == after


async def test_only_the_community_is_offered_to_add_a_commune(tmp_path: Path) -> None:
    """A form that is always refused is a trap; a commune reads who may."""
    async with azille(tmp_path) as (town, _, account):
        async with site(cast("Any", replace_accounts(town, account))) as browser:
            theirs = html.unescape(await browser.text("/reglages/communes"))
        async with site(cast("Any", town)) as browser:
            own = html.unescape(await browser.text("/reglages/communes"))

    assert 'action="/reglages/commune"' not in theirs
    assert "La Redorte seule peut ajouter une commune" in theirs
    assert 'action="/reglages/commune"' in own
    assert "seule peut ajouter" not in own


async def test_what_the_community_changes_stands_in_its_own_history_for_whomever_it_acts(
    tmp_path: Path,
) -> None:
    """And is put back from there; a commune cannot put back what it once changed itself."""
    async with azille(tmp_path) as (town, box, account):
        tuning, history = box.services.tuning, box.services.history
        own, theirs = town.actor, account.session.actor
        acting = replace(own, entity_id=theirs.entity_id, entity_name="Azille", at_home=False)
        sim = (await tuning.sims(own))[0].sim
        await tuning.set_limits(acting, sim, LIMITS)
        change = (await history.changes(own))[0]
        there = await history.changes(theirs)
        with pytest.raises(NotAllowed, match="La Redorte"):
            await tuning.set_limits(theirs, sim, {})
        await history.put_back(own, change.id)
        (gauge,) = [one for one in (await tuning.sims(own))[0].gauges
                    if one.code == "segments_per_day"]  # fmt: skip

    assert change.what.startswith("limites d'une carte SIM")
    assert not any(one.what.startswith("limites") for one in there)
    assert 0 == gauge.limit


def replace_accounts(town: RealTown, account: OneAccount) -> RealTown:
    """Return the same box as somebody else's session visits it."""
    return replace(town, accounts=account)
