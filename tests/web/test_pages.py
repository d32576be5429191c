"""What the other pages say."""

from __future__ import annotations

import asyncio
import html
import inspect
import typing

import pytest

from gateway.services import Services
from tests.web.fake import NAMES, Town
from tests.web.site import site


async def test_the_list_says_what_became_of_each_message() -> None:
    """One line is enough to know whether to worry."""
    async with site() as browser:
        said = html.unescape(await browser.text("/messages"))

        assert "Crue de l'Argent-Double" in said
        assert "7 personnes jointes sur 12" in said
        assert "envoi en cours" in said
        assert "24 novembre 2026 à 17\u00a0h\u00a030" in said


async def test_a_message_that_asks_to_confirm_says_who_has_not_yet() -> None:
    """« Personnes jointes » would count those who only have the text on their telephone."""
    town = Town()
    town.broadcasts.answered = "1 a confirmé, 11 pas encore"
    async with site(town) as browser:
        listed, one = [html.unescape(await browser.text(f"/messages{at}")) for at in ("", "/1")]

    assert town.broadcasts.answered in listed
    assert town.broadcasts.answered in one
    assert "jointes sur 12" not in listed + one
    assert "Renvoyer à qui n'a pas confirmé" in one


async def test_a_message_says_what_each_person_lived() -> None:
    """In words, with the reason, and each attempt under a fold."""
    async with site() as browser:
        said = html.unescape(await browser.text("/messages/1"))

        assert all(name in said for name in NAMES)
        assert "incertain : peut-être reçu" in said
        assert "ligne occupée" in said
        assert "référence 12" in said
        assert "environ 2 minutes" in said
        assert "Deux personnes attendent un modem." in said


async def test_people_of_one_state_are_found_at_a_click() -> None:
    """After the alert, the ones not reached are the work that remains."""
    async with site() as browser:
        said = html.unescape(await browser.text("/messages/1?etat=failed"))

        assert "Rose Escande" in said
        assert "Marcel Puig" not in said
        assert 'hx-get="/messages/1/suivi?etat=failed&page=1"' in said


@pytest.mark.parametrize("query", ["etat=%22%3E&page=0", "page=x", "page=²", "page=99999999999999"])
async def test_odd_addresses_open_all_the_same(query: str) -> None:
    """People edit addresses, and links get cut in mails."""
    async with site() as browser:
        assert '"">' not in await browser.text(f"/messages/1?{query}")
        await browser.text(f"/contacts?groupe=x&{query}")


async def test_an_envoi_can_be_stopped() -> None:
    """By one form behind one fold, and then no more."""
    async with site() as browser:
        assert "/messages/1/annuler" in await browser.text("/messages/1")

        answer = await browser.post("/messages/1/annuler", {})

        assert answer.headers["Location"] == "/messages/1"
        assert browser.town.broadcasts.cancelled == [1]
        assert "/messages/1/annuler" not in await browser.text("/messages/1")


@pytest.mark.parametrize(
    ("page", "topic"), [("/messages/1", "/flux/messages/1"), ("/modems", "/flux/modems")]
)
async def test_what_a_page_was_drawn_of_is_no_news_to_it(page: str, topic: str) -> None:
    """Or each page is fetched twice at its first visit."""
    async with site() as browser:
        drawn = (await browser.text(page)).split(f'data-live="{topic}?vu=')[1].split('"')[0]
        async with browser.client.get(f"{topic}?vu={drawn}") as stream:
            browser.town.services.live.bump()
            first = (await stream.content.readline()).decode()

    assert "run-1" == drawn
    assert "data: run-2" == first.strip()


@pytest.mark.parametrize("topic", ["/flux/messages/1", "/flux/modems"])
async def test_the_stream_tells_when_something_changed(topic: str) -> None:
    """A page left open at night is right in the morning."""
    async with site() as browser:
        answer = await browser.get(topic)
        told = [await answer.content.readuntil(b"\r\n\r\n")]
        browser.town.live.bump()
        told.append(await answer.content.readuntil(b"\r\n\r\n"))

        assert answer.headers["Content-Type"] == "text/event-stream"
        assert told == [b"data: run-1\r\n\r\n", b"data: run-2\r\n\r\n"]
        answer.close()


async def test_an_open_page_never_holds_the_daemon() -> None:
    """Stopping takes a moment, however many pages are open."""
    async with asyncio.timeout(5):
        async with site() as browser:
            answers = [await browser.get("/flux/modems") for _ in range(3)]
        for answer in answers:
            answer.close()


async def test_a_sick_modem_says_what_to_do() -> None:
    """In French, beside its name."""
    async with site(role="technician") as browser:
        said = html.unescape(await browser.text("/modems"))

        assert "2 modems en état de marche sur 3." in said
        assert "La carte SIM est absente." in said
        assert "remettez la carte" in said
        assert "4 sur 5 (-73 dBm)" in said
        assert "en itinérance" in said


async def test_a_box_without_modem_says_how_to_add_one() -> None:
    """A fresh installation is not an error."""
    town = Town()
    town.fleet.listed = []
    async with site(town) as browser:
        assert "/aide/technicien" in await browser.text("/modems")


async def test_the_numbers_are_for_those_who_may_read_them() -> None:
    """Strangers do not even learn that there are any; nor which modems the box has."""
    async with site() as browser:
        stranger = await browser.get("/metrics")
        wrong = await browser.get("/metrics", headers={"Authorization": "Bearer wrong"})
        right = await browser.get("/metrics", headers={"Authorization": "Bearer right"})
        near = await (await browser.get("/healthz")).json()
        far = await (await browser.get("/healthz", headers={"X-Forwarded-For": "192.0.2.9"})).json()

    assert [404, 404, 200] == [one.status for one in (stranger, wrong, right)]
    assert "modems" in near
    assert "modems" not in far


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
async def test_healthz_tells_whether_the_box_is_ready(ready: bool, status: int) -> None:
    """Installers wait for it, monitors ask it, and it needs no login."""
    town = Town()
    town.fleet.ready_now = ready
    async with site(town, role=None) as browser:
        answer = await browser.get("/healthz")

        assert answer.status == status
        assert (await answer.json())["ready"] is ready


async def test_contacts_are_found_by_name() -> None:
    """Forty names are too many to read."""
    async with site() as browser:
        said = html.unescape(await browser.text("/contacts?q=roux"))

        assert "Odette Roux" in said
        assert "Marcel Puig" not in said
        assert "06 39 98 00 01" in said


@pytest.mark.parametrize("guide", ["utilisateur", "technicien"])
async def test_the_guides_are_in_the_box(guide: str) -> None:
    """With the cable cut, help is still there."""
    async with site() as browser:
        assert "<h2 id=" in await browser.text(f"/aide/{guide}")


@pytest.mark.parametrize(
    "part", ["accounts", "directory", "compose", "broadcasts", "sending", "fleet", "live"]
)
def test_the_fake_services_answer_like_the_real_ones(part: str) -> None:
    """Every other test of the pages stands on them."""
    real = typing.get_type_hints(Services)[part]
    fake = type(getattr(Town(), part))
    for name, method in inspect.getmembers(fake, inspect.isfunction):
        if name in {"open", "summary", "bump"} or name.startswith("_"):
            continue
        asked = [p.name for p in inspect.signature(method).parameters.values()]
        known = inspect.signature(getattr(real, name)).parameters

        assert len(asked) <= len(known), name
        assert [p for p in asked if p in {"group_id", "search", "state", "page"}] == [
            p for p in known if p in {"group_id", "search", "state", "page"}
        ]
        assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(
            getattr(real, name)
        ), name
