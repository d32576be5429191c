"""Who guesses waits, who has come in before does not, and nobody learns which logins exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.services import Browser
from gateway.store import Store, events
from tests.web.gatehouse import OTHER, PASSWORD, gatehouse

WRONG = "Identifiant ou mot de passe incorrect."


async def test_whoever_guesses_waits_ever_longer_and_never_more_than_a_minute(
    tmp_path: Path,
) -> None:
    """Guessing must be slow; a lock would be the guesser's weapon."""
    async with gatehouse(tmp_path) as house:
        guesser, waits = await house.visitor("10.0.0.66"), []
        for _ in range(12):
            while "attendez" in (said := await (await guesser.log_in("maire", "faux")).text()):
                found = re.search(r"attendez (\d+) seconde", said)
                assert found
                waits.append(int(found[1]))
                await house.passes(waits[-1] + 0.1)

    assert waits[:3] == [2, 4, 8]
    assert max(waits) == 60


async def test_a_device_known_to_the_account_is_never_held(tmp_path: Path) -> None:
    """The mayor comes in at 3 in the morning while somebody is guessing at their door."""
    async with gatehouse(tmp_path) as house:
        mayor, guesser = await house.visitor(), await house.visitor()
        await mayor.log_in("maire")
        await mayor.post("/deconnexion", at="/compte")
        for _ in range(8):
            await guesser.log_in("maire", "faux")
        held = await (await guesser.log_in("maire")).text()
        came = await mayor.log_in("maire")

    assert "attendez" in held
    assert came.status == 303


async def test_a_device_is_known_to_its_own_account_only(tmp_path: Path) -> None:
    """Else a colleague's login would open the way to guess the mayor's."""
    async with gatehouse(tmp_path) as house:
        clerk = await house.visitor()
        await clerk.log_in("sylvie")
        await clerk.post("/deconnexion", at="/compte")
        for _ in range(5):
            await clerk.log_in("maire", "faux")
        said = await (await (await house.visitor("10.0.0.2")).log_in("maire")).text()

    assert "attendez" in said  # they were counted against the mayor's login, as anybody's


async def test_pulling_the_plug_is_no_way_round_the_wait(tmp_path: Path) -> None:
    """What was guessed is on the disk."""
    async with gatehouse(tmp_path) as house:
        guesser = await house.visitor()
        for _ in range(5):
            await guesser.log_in("maire", "faux")
    async with gatehouse(tmp_path) as house:
        said = await (await (await house.visitor()).log_in("maire")).text()

    assert "attendez" in said


async def test_a_login_that_does_not_exist_is_answered_like_one_that_does(tmp_path: Path) -> None:
    """The same words, the same work, the same waits."""
    async with gatehouse(tmp_path) as house:
        said: dict[str, list[str]] = {}
        verified: list[str] = []
        real = house.accounts._verify
        house.accounts._verify = lambda stored, secret: (
            verified.append(stored)
            or real(  # type: ignore[method-assign,func-returns-value]
                stored, secret
            )
        )
        for login in ("maire", "personne"):
            visitor = await house.visitor(f"10.0.1.{len(login)}")
            answers = [await (await visitor.log_in(login, "faux")).text() for _ in range(6)]
            said[login] = [re.sub(r'value="[^"]*"', "", one) for one in answers]

    assert said["maire"] == said["personne"]
    assert WRONG in said["maire"][0]
    assert "attendez 2 secondes" in said["maire"][5]
    assert len(verified) == 10
    assert all(one.startswith("$argon2id$") for one in verified)


async def test_a_login_renews_the_session(tmp_path: Path) -> None:
    """A session planted before the login is worth nothing after it."""
    async with gatehouse(tmp_path) as house:
        old = await house.accounts.log_in("maire", PASSWORD, Browser("10.0.0.1"))
        knocking = Browser("10.0.0.1", session=old.token)
        new = await house.accounts.log_in("maire", PASSWORD, knocking)

        assert old.token != new.token
        assert await house.accounts.resume(old.token) is None
        assert await house.accounts.resume(new.token) is not None


@pytest.mark.parametrize(("login", "days"), [("maire", 90), ("sylvie", 0)])
async def test_a_telephone_of_those_who_launch_alerts_stays_logged_in(
    tmp_path: Path, login: str, days: int
) -> None:
    """At 3 in the morning nobody looks for a password; a clerk's desk is another matter."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        answer = await visitor.log_in(login, stay="1")
        cookie = answer.cookies["tocsin"]
        await house.passes(89 * 86400)
        late = await visitor.goes_to("/compte")
        await house.passes(2 * 86400)
        over = await visitor.goes_to("/compte")

    assert cookie["max-age"] == (str(90 * 86400) if days else "")
    assert late == ("/compte" if days else "/connexion")
    assert over == "/connexion"


async def test_one_sees_where_one_is_logged_in_and_ends_it(tmp_path: Path) -> None:
    """A telephone left on the train is shut out from the desk."""
    async with gatehouse(tmp_path) as house:
        desk, phone = await house.visitor("192.168.1.20"), await house.visitor("10.0.0.9")
        await phone.log_in("maire", stay="1")
        await desk.log_in("maire")
        said = await desk.text("/compte")
        number = re.search(r'name="session" value="(\d+)"', said)
        assert number
        await desk.post("/compte/terminer", at="/compte", session=number[1])

        assert "Chrome, téléphone Android" in said
        assert "de l'adresse 10.0.0.9" in said
        assert "Reste connecté jusqu'au" in said
        assert await phone.goes_to("/compte") == "/connexion"
        assert await desk.goes_to("/compte") == "/compte"


async def test_nobody_ends_the_session_of_somebody_else(tmp_path: Path) -> None:
    """The number of a session is easily guessed."""
    async with gatehouse(tmp_path) as house:
        mayor, clerk = await house.visitor(), await house.visitor()
        await mayor.log_in("maire")
        await clerk.log_in("sylvie")
        for number in range(1, 5):
            await clerk.post("/compte/terminer", at="/compte", session=str(number))

        assert await mayor.goes_to("/compte") == "/compte"


async def test_a_password_is_changed_with_the_old_one_and_ends_the_other_sessions(
    tmp_path: Path,
) -> None:
    """Who left a session open somewhere is safe again."""
    async with gatehouse(tmp_path) as house:
        desk, phone = await house.visitor(), await house.visitor()
        await phone.log_in("maire", stay="1")
        await desk.log_in("maire")
        wrong = await desk.post("/compte/mot-de-passe", old="faux", password=OTHER, again=OTHER)
        right = await desk.post("/compte/mot-de-passe", old=PASSWORD, password=OTHER, again=OTHER)
        there = await phone.goes_to("/compte")
        here = await desk.goes_to("/compte")
        fresh = await house.visitor("10.0.0.2")
        old, new = await fresh.log_in("maire"), await fresh.log_in("maire", OTHER)

    assert (wrong.status, right.status) == (400, 303)
    assert (there, here) == ("/connexion", "/compte")
    assert (old.status, new.status) == (400, 303)


async def test_a_given_password_is_good_for_one_login(tmp_path: Path) -> None:
    """The administrator who gave it must not know the one that stays."""
    async with gatehouse(tmp_path) as house:
        chief, clerk = await house.visitor(), await house.visitor()
        await chief.log_in("maire")
        await clerk.log_in("sylvie")
        answer = await chief.post(
            "/compte/personnes/mot-de-passe", at="/compte/personnes", account="2"
        )
        given = re.search(r"<code>([a-z0-9-]{14})</code>", await answer.text())
        assert given
        ended = await clerk.goes_to("/messages")
        await clerk.log_in("sylvie", given[1])
        held = [await clerk.goes_to(path) for path in ("/messages", "/compte", "/contacts")]
        same = await clerk.post(
            "/compte/mot-de-passe", old=given[1], password=given[1], again=given[1]
        )
        await clerk.post("/compte/mot-de-passe", old=given[1], password=OTHER, again=OTHER)
        free = await clerk.goes_to("/messages")

    assert ended == "/connexion"
    assert held == ["/compte/mot-de-passe"] * 3
    assert same.status == 400
    assert free == "/messages"


async def test_the_password_of_a_new_account_is_changed_first(tmp_path: Path) -> None:
    """It was chosen by somebody else, and handed over on paper."""
    async with gatehouse(tmp_path) as house:
        await house.accounts.open_for(house.chief, "luc", "Luc Thérond", PASSWORD, "sender")
        visitor = await house.visitor()
        await visitor.log_in("luc")

        assert await visitor.goes_to("/messages") == "/compte/mot-de-passe"


async def test_who_launches_no_more_stays_logged_in_no_more(tmp_path: Path) -> None:
    """The ninety days were the role's, not the person's."""
    async with gatehouse(tmp_path) as house:
        phone = await house.visitor()
        await phone.log_in("maire", stay="1")
        await house.store.write(lambda db: db.execute("UPDATE account SET role = 'sender'"))

        assert await phone.goes_to("/compte") == "/connexion"


async def test_an_administrator_ends_a_lost_telephones_ninety_days(tmp_path: Path) -> None:
    """And no one else may."""
    async with gatehouse(tmp_path) as house:
        await house.accounts.add("adjoint", "Luc Thérond", PASSWORD, "administrator")
        phone, chief, clerk = [await house.visitor() for _ in range(3)]
        await phone.log_in("adjoint", stay="1")
        await chief.log_in("maire")
        await clerk.log_in("sylvie")
        refused = await clerk.post("/compte/personnes/terminer", at="/compte", account="3")
        still = await phone.goes_to("/compte")
        await chief.post("/compte/personnes/terminer", at="/compte/personnes", account="3")
        ended = await phone.goes_to("/compte")

    assert refused.status == 403
    assert (still, ended) == ("/compte", "/connexion")


FORMS = {
    "/compte/terminer": "/compte", "/compte/terminer-autres": "/compte",
    "/compte/une-etape": "/compte", "/compte/codes": "/compte",
    "/compte/mot-de-passe": "/compte/mot-de-passe", "/compte/deux-etapes": "/compte/deux-etapes",
    "/compte/personnes/mot-de-passe": "/compte/personnes",
    "/compte/personnes/terminer": "/compte/personnes",
    "/compte/personnes/une-etape": "/compte/personnes",
    "/compte/personnes/roles": "/compte/personnes",
}  # fmt: skip


async def test_no_other_site_posts_these_forms_nor_frames_these_pages(tmp_path: Path) -> None:
    """Neither from elsewhere nor without the session's token; nothing inline, nothing kept."""
    async with gatehouse(tmp_path) as house:
        chief = await house.visitor()
        await chief.log_in("maire")
        answers = []
        for path, at in FORMS.items():
            page = await chief.get(at)
            csrf = re.search(r'name="csrf" value="([^"]+)"', said := await page.text())
            assert csrf
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son\w+=", said)
            assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
            assert "unsafe" not in page.headers["Content-Security-Policy"]
            assert page.headers["Cache-Control"] == "no-store"
            for token, origin in ((csrf[1], "https://ailleurs.example"), ("faux", "")):
                headers = {**chief.headers, **({"Origin": origin} if origin else {})}
                answer = await chief.client.post(path, data={"csrf": token}, headers=headers)
                answers.append((path, answer.status))

    assert {status for _, status in answers} == {403}, answers


async def test_what_is_done_to_accounts_is_in_the_record(tmp_path: Path) -> None:
    """Who, what, when, and from where; the chain holds."""
    async with gatehouse(tmp_path) as house:
        chief = await house.visitor("10.0.0.7")
        await chief.log_in("maire")
        await chief.post("/compte/personnes/mot-de-passe", at="/compte/personnes", account="2")
        kinds = await _kinds(house.store)
        whole = await house.store.read(events.first_broken)

    assert kinds[-2:] == ["account.entered", "account.password_given"]
    assert whole is None


async def _kinds(store: Store) -> list[str]:
    rows = await store.read(lambda db: db.execute("SELECT kind FROM event ORDER BY seq").fetchall())
    return [row["kind"] for row in rows]
