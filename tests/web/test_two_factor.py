"""The second factor: a telephone's code, once, or a code of the printed sheet, once."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pyotp
import pytest

from gateway import totp
from gateway.errors import Refused
from gateway.services import Browser
from tests.web.gatehouse import PASSWORD, House, Visitor, gatehouse

#: RFC 6238, appendix B: the ASCII secret « 12345678901234567890 », SHA-1; the last six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """Every authenticator application makes the same."""
    assert totp.step_of(SECRET, code, at) == at // 30


@pytest.mark.parametrize(("apart", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_may_be_half_a_minute_apart(apart: int, good: bool) -> None:
    """No two clocks agree."""
    code = pyotp.TOTP(SECRET).at(1234567890 + apart)

    assert (totp.step_of(SECRET, code, 1234567890) is not None) == good


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٠٠٥٩٢٤", "-05924"])
def test_what_is_no_code_is_none(code: str) -> None:
    """Whatever is typed, nothing breaks."""
    assert totp.step_of(SECRET, code, 1234567890) is None


HELD = ("/", "/messages", "/compte", "/compte/personnes", "/compte/mot-de-passe", "/flux/modems")


async def turned_on(visitor: Visitor) -> tuple[str, list[str]]:
    """Scan the secret and prove it; return it with the recovery codes."""
    said = html.unescape(await visitor.text("/compte/deux-etapes"))
    found = re.search(r">([A-Z2-7]{32})</code>", said)
    assert found
    answer = await visitor.post("/compte/deux-etapes", code=code_of(visitor.house, found[1]))
    assert answer.status == 200
    return found[1], re.findall(r"<li><code>([A-Z0-9-]{14})</code>", await answer.text())


def code_of(house: House, secret: str) -> str:
    return pyotp.TOTP(secret).at(int(house.clock.now()))


async def test_after_the_password_comes_the_code_and_before_it_nothing(tmp_path: Path) -> None:
    """A stolen password opens no page."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        secret, codes = await turned_on(visitor)
        await house.passes(60)
        thief = await house.visitor("10.0.0.3")
        first = await thief.log_in("maire")
        held = [await thief.goes_to(path) for path in HELD]
        wrong = await thief.post("/connexion/code", code="000000")
        before = thief.client.session.cookie_jar.filter_cookies(thief.client.make_url("/"))
        right = await thief.post("/connexion/code", code=code_of(house, secret))
        after = right.cookies["tocsin"].value
        inside = await thief.goes_to("/messages")

    assert len(set(codes)) == 10
    assert first.headers["Location"] == "/connexion/code"
    assert held == ["/connexion/code"] * 6
    assert wrong.status == 400
    assert before["tocsin"].value != after
    assert inside == "/messages"


async def test_a_code_is_good_once(tmp_path: Path) -> None:
    """Whoever looked over the shoulder is too late, even within its half minute."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        secret, _ = await turned_on(visitor)
        await house.passes(60)
        used, statuses = code_of(house, secret), []
        before = pyotp.TOTP(secret).at(int(house.clock.now()) - 30)
        for address, code in (("10.0.0.3", used), ("10.0.0.4", used), ("10.0.0.5", before)):
            one = await house.visitor(address)
            await one.log_in("maire")
            statuses.append((await one.post("/connexion/code", code=code)).status)

    assert statuses == [303, 400, 400]


async def test_a_recovery_code_replaces_the_telephone_once(tmp_path: Path) -> None:
    """The telephone is in the river."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        _, codes = await turned_on(visitor)
        statuses = []
        for code in (codes[3].lower().replace("-", " "), codes[3], codes[4]):
            one = await house.visitor()
            await one.log_in("maire")
            statuses.append((await one.post("/connexion/code", code=code)).status)
        left = await one.text("/compte")
        stored = await house.store.read(
            lambda db: db.execute("SELECT code_hash FROM recovery_code").fetchall()
        )

    assert statuses == [303, 400, 303]
    assert "Il vous reste 8 codes de secours." in left
    assert not {row["code_hash"] for row in stored} & set(codes)


async def test_guessing_codes_is_slowed_too(tmp_path: Path) -> None:
    """A million codes are few for a machine."""
    async with gatehouse(tmp_path) as house:
        visitor, thief = await house.visitor(), await house.visitor()
        await visitor.log_in("maire")
        await turned_on(visitor)
        await thief.log_in("maire")
        said = [await (await thief.post("/connexion/code", code="000000")).text()
                for _ in range(6)]  # fmt: skip

    assert "attendez" in said[-1]


async def test_half_a_login_can_change_nothing_even_past_the_pages(tmp_path: Path) -> None:
    """The services hold, whatever a page forgets."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        await turned_on(visitor)
        half = await house.accounts.log_in("maire", PASSWORD, Browser("10.0.0.3"))

        assert half.awaits == "code"
        for attempt in (
            house.own.change_password(half, PASSWORD, "trois mots au hasard", "trois"),
            house.own.turn_off(half, PASSWORD), house.own.new_codes(half, PASSWORD),
            house.own.propose(half), house.own.end_others(half),
        ):  # fmt: skip
            with pytest.raises(Refused, match="Terminez d'abord"):
                await attempt


async def test_a_role_that_must_have_it_sets_it_up_before_anything_else(tmp_path: Path) -> None:
    """From now on, open sessions included; a telephone may be changed, not given up."""
    async with gatehouse(tmp_path) as house:
        chief, clerk = await house.visitor(), await house.visitor("10.0.0.2")
        await chief.log_in("maire")
        await clerk.log_in("sylvie")
        await chief.post("/compte/personnes/roles", at="/compte/personnes", role="sender")
        held = await clerk.goes_to("/messages")
        await turned_on(clerk)
        free = await clerk.goes_to("/messages")
        changed = await clerk.client.post(
            "/compte/une-etape", headers=clerk.headers,
            data={"csrf": await csrf(clerk), "password": PASSWORD},
        )  # fmt: skip
        again = await clerk.goes_to("/messages")
        chief_too = await chief.goes_to("/messages")

    assert held == "/compte/deux-etapes"
    assert free == "/messages"
    assert changed.status == 200
    assert again == "/compte/deux-etapes"
    assert chief_too == "/messages"


async def csrf(visitor: Visitor) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', await visitor.text("/compte"))
    assert found
    return found[1]


async def test_an_administrator_takes_it_away_when_all_is_lost(tmp_path: Path) -> None:
    """Neither telephone nor sheet: a human who knows the person decides."""
    async with gatehouse(tmp_path) as house:
        chief, clerk = await house.visitor(), await house.visitor("10.0.0.2")
        await clerk.log_in("sylvie")
        await turned_on(clerk)
        await chief.log_in("maire")
        await chief.post("/compte/personnes/une-etape", at="/compte/personnes", account="2")
        ended = await clerk.goes_to("/messages")
        again = await clerk.log_in("sylvie")

    assert ended == "/connexion"
    assert again.headers["Location"] == "/messages"


async def test_a_box_without_a_clock_says_so_and_takes_the_sheet(tmp_path: Path) -> None:
    """After a night without current the time may be that of 1970; the codes are then all wrong."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        _, codes = await turned_on(visitor)
        house.clock._start = 0.0
        lost = await house.visitor()
        await lost.log_in("maire")
        wrong = await lost.post("/connexion/code", code="123456")
        said = await wrong.text()
        right = await lost.post("/connexion/code", code=codes[0])

    assert "n'est pas sûre" in html.unescape(said)
    assert right.status == 303


async def test_a_wrong_code_while_setting_up_asks_for_no_sheet(tmp_path: Path) -> None:
    """The recovery codes come when the telephone is proved: nobody looks for them before."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        await visitor.text("/compte/deux-etapes")
        wrong = await visitor.post("/compte/deux-etapes", code="123456")
        said = html.unescape(await wrong.text())
        house.clock._start = 0.0
        unsure = await visitor.post("/compte/deux-etapes", code="123456")
        told = html.unescape(await unsure.text())

    assert "Ce code n'est pas le bon" in said
    assert "n'est pas sûre" in told
    assert "code de secours" not in said + told


async def test_a_clock_that_ran_ahead_locks_nobody_out(tmp_path: Path) -> None:
    """A code used under a wrong date must not make those of today look old."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        secret, _ = await turned_on(visitor)
        await house.store.write(
            lambda db: db.execute("UPDATE account SET totp_step = 999999999 WHERE id = 1")
        )
        await house.passes(60)
        one = await house.visitor()
        await one.log_in("maire")

        assert (await one.post("/connexion/code", code=code_of(house, secret))).status == 303


async def test_mail_programs_do_not_get_round_it(tmp_path: Path) -> None:
    """The mail door asks for a password only; such an account needs an access for a program."""
    async with gatehouse(tmp_path) as house:
        visitor = await house.visitor()
        await visitor.log_in("maire")
        assert (await house.accounts.recognise("maire", PASSWORD, "smtp:x")).login == "maire"
        await turned_on(visitor)

        with pytest.raises(Refused, match="accès"):
            await house.accounts.recognise("maire", PASSWORD, "smtp:x")
