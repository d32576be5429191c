"""The JSON door: other programs send, follow and cancel; the description matches the routes."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.web.real import RealTown, real_town
from tests.web.site import Site, site
from web import api_words
from web.keys import LARGEST
from web.openapi import ANSWERS, Failure
from web.views import api

FLOOD = {"text": "L'eau monte.", "groups": ["quartier INONDABLE"], "urgency": "vital"}


@asynccontextmanager
async def program(folder: Path) -> AsyncIterator[tuple[RealTown, Site, dict[str, str]]]:
    """Run a town and return it with the headers of a program it trusts."""
    async with real_town(folder) as town, site(cast("Any", town)) as browser:
        token = await town.services.software.issue(town.actor, "Sirène")
        yield town, browser, {"Authorization": f"Bearer {token}"}


async def asked(
    browser: Site, headers: dict[str, str], method: str, path: str, **options: Any
) -> tuple[int, Any]:
    answer = await browser.client.request(method, path, headers=headers, **options)
    assert answer.content_type == "application/json"
    return answer.status, await answer.json()


async def test_a_program_sends_follows_and_is_told_what_each_person_lived(tmp_path: Path) -> None:
    """The siren's controller raises the alert by itself; twice asked, once sent."""
    async with program(tmp_path) as (town, browser, headers):
        once = {**headers, "Idempotency-Key": "crue-1"}
        status, sent = await asked(browser, once, "POST", "/api/v1/messages", json=FLOOD)
        _, again = await asked(browser, once, "POST", "/api/v1/messages", json=FLOOD)
        await town.box.finished(sent["id"])
        _, report = await asked(browser, headers, "GET", f"/api/v1/messages/{sent['id']}")
        _, listed = await asked(browser, headers, "GET", "/api/v1/messages")

    assert (201, sent["id"]) == (status, again["id"])
    assert {"received", "excluded"} == {one["state"] for one in report["recipients"]}
    assert "Sirène" == report["author"]
    assert (1, "L'eau monte.") == (listed["total"], listed["items"][0]["title"])


@pytest.mark.parametrize(
    "other",
    [
        {"groups": [], "to": ["06 39 98 00 44"]},
        {"text": "L'eau baisse."},
        {"urgency": "service"},
        {"at": "2026-12-24T08:00"},
        {"order": "advised"},
        {"channels": ["sms", "voice"]},
        {"exercise": True},
    ],
)
async def test_a_key_that_comes_back_with_anything_else_is_a_conflict(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    """The second program was told « sent », and other people never heard of the flood."""
    async with program(tmp_path) as (_, browser, headers):
        once = {**headers, "Idempotency-Key": "crue-1"}
        _, sent = await asked(browser, once, "POST", "/api/v1/messages", json=FLOOD)
        status, said = await asked(
            browser, once, "POST", "/api/v1/messages", json={**FLOOD, **other}
        )
        _, again = await asked(browser, once, "POST", "/api/v1/messages", json=FLOOD)
        _, listed = await asked(browser, headers, "GET", "/api/v1/messages")

    assert (409, "idempotency_key") == (status, said["error"]["field"])
    assert f"message n° {sent['id']}" in said["error"]["message"]
    assert (sent["id"], 1) == (again["id"], listed["total"])


async def test_what_a_program_sent_it_can_cancel(tmp_path: Path) -> None:
    """It is night: a message of service waits, and can be withdrawn from the two it would reach."""
    async with program(tmp_path) as (_, browser, headers):
        message = {**FLOOD, "urgency": "service"}
        _, sent = await asked(browser, headers, "POST", "/api/v1/messages", json=message)
        status, done = await asked(browser, headers, "DELETE", f"/api/v1/messages/{sent['id']}")

    assert "8 h" in sent["leaves"]
    assert (200, 2) == (status, done["withdrawn"])


async def test_a_full_disk_is_told_to_the_program_and_not_taken_for_its_mistake(
    tmp_path: Path,
) -> None:
    """It must ask again, and whoever reads its log must learn what to do."""

    def full(db: sqlite3.Connection) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count={pages}")

    async with program(tmp_path) as (town, browser, headers):
        store = town.box.daemon.store
        store.room.give_up()
        await store.write(full)
        long = {
            "text": "Vent fort. " * 800,
            "channels": ["email"],
            "to": ["crue@example.org"],
        }
        answer = await browser.client.post("/api/v1/messages", headers=headers, json=long)
        said = await answer.json()

    assert 503 == answer.status
    assert "60" == answer.headers["Retry-After"]
    assert "apt clean" in said["error"]["message"]


async def test_neither_door_takes_in_what_cannot_be_seen(tmp_path: Path) -> None:
    """ESC and a turned direction of writing stood in the directory as they came."""
    async with program(tmp_path) as (town, browser, headers):
        new = {"name": "\u202eÉlu\x1bard", "phones": ["06 39 98 00 44"]}
        await asked(browser, headers, "POST", "/api/v1/contacts", json=new)
        form = [("name", "Fau\u202ere\x07"), ("note", "Deux\r\nlignes\x1b"),
                ("address", "06 39 98 00 45")]  # fmt: skip
        typed = await browser.post("/contacts/nouveau", form)
        number = int(typed.headers["Location"].rpartition("/")[2])
        _, found = await asked(browser, headers, "GET", "/api/v1/contacts?q=Éluard")
        by_hand = (await town.services.persons.form(town.actor, number))[0]

    assert ["Éluard"] == [one["name"] for one in found["items"]]
    assert ("Faure", ["Deux", "lignes"]) == (
        by_hand.fields["name"], by_hand.fields["note"].splitlines(),
    )  # fmt: skip


async def test_groups_and_contacts_are_read_and_added(tmp_path: Path) -> None:
    """A known number completes the contact; a number that cannot be is told."""
    async with program(tmp_path) as (_, browser, headers):
        new = {"name": "Éluard", "phones": ["06 39 98 00 44", "01 99 00 00 44"],
               "groups": ["Élus"]}  # fmt: skip
        status, added = await asked(browser, headers, "POST", "/api/v1/contacts", json=new)
        again, _ = await asked(browser, headers, "POST", "/api/v1/contacts", json=new)
        bad, said = await asked(
            browser, headers, "POST", "/api/v1/contacts", json={"name": "X", "phones": ["0899"]}
        )
        _, groups = await asked(browser, headers, "GET", "/api/v1/groups")
        _, found = await asked(browser, headers, "GET", "/api/v1/contacts?q=Éluard")

    assert (201, 1, 200) == (status, added["added"], again)
    assert (422, "phones") == (bad, said["error"]["field"])
    assert {"Quartier inondable", "Élus"} == {one["name"] for one in groups}
    assert 2 == len(found["items"][0]["endpoints"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", ""),
        ("", ""),
        ('{"text": "x", "grops": []}', "grops"),
        ('{"text": ""}', "text"),
        ('{"text": "x", "urgency": "panic"}', "urgency"),
        ('{"text": "x", "groups": ["Personne"]}', "groups"),
        ('{"text": "x", "to": ["0899 70 00 00"]}', "to"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "at": "hier"}', "at"),
        ('{"text": "x"}', "groups"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "at": "0001-01-01T00:00"}', "at"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "expires": "2026-11-25T18:00"}', "expires"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "expires": "demain"}', "expires"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "expires": "9999-12-31T23:59Z"}', "expires"),
        ('{"text": "x", "to": ["06 39 98 00 01"], "expires": "2026-11-23T18:00Z"}', "expires"),
    ],
)
async def test_a_wrong_request_is_told_with_its_field(
    tmp_path: Path, body: str, field: str
) -> None:
    """Whoever writes the program mends it from the answer alone."""
    async with program(tmp_path) as (_, browser, headers):
        status, said = await asked(browser, headers, "POST", "/api/v1/messages", data=body)

    assert 422 == status
    assert said["error"]["message"]
    assert field in said["error"]["field"] or field == "to"


@pytest.mark.parametrize(
    ("body", "said", "field"),
    [
        ('{"text": "x"', "Ce n'est pas du JSON (ligne 1, colonne 12)", ""),
        ("[]", "Envoyez un objet JSON", ""),
        ('{"text": "x", "grops": []}', "enlevez grops. Champs possibles : text, title,", "grops"),
        ('{"to": []}', "Il manque text.", "text"),
        ('{"text": 3}', "text doit être un texte", "text"),
        ('{"text": ""}', "text est vide", "text"),
        (f'{{"text": "x", "title": "{"x" * 121}"}}', "title est trop long : 120", "title"),
        ('{"text": "x", "confirm": "oui"}', "confirm doit être true ou false", "confirm"),
        ('{"text": "x", "to": "06"}', "to doit être une liste", "to"),
        ('{"text": "x", "to": [6]}', "to.0 doit être un texte", "to.0"),
        ('{"text": "x", "channels": []}', "channels est vide", "channels"),
        ('{"text": "x", "channels": ["fax"]}', "possibles : 'sms', 'voice' ou 'email'",
         "channels.0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_french_with_the_mend(
    body: str, said: str, field: str
) -> None:
    """No sentence of the library's gets out, whatever was sent."""
    with pytest.raises(ValidationError) as found:
        api.NewMessage.model_validate_json(body)
    told, where = api_words.said(found.value, api.NewMessage)

    assert said in told
    assert field == where


async def test_nobody_comes_in_without_a_token_and_a_page_s_cookie_is_none(
    tmp_path: Path,
) -> None:
    """Another site must not send with the secretary's own browser."""
    async with program(tmp_path) as (town, browser, headers):
        cookie, said = await asked(browser, {}, "POST", "/api/v1/messages", json=FLOOD)
        wrong, _ = await asked(
            browser, {"Authorization": "Bearer tocsin_x"}, "GET", "/api/v1/groups"
        )
        (known,) = await town.services.software.list(town.actor)
        await town.services.software.revoke(town.actor, known.id)
        revoked, _ = await asked(browser, headers, "GET", "/api/v1/groups")

    assert (401, 401, 401) == (cookie, wrong, revoked)
    assert "Bearer" in said["error"]["message"]
    assert known.used_at is None


async def test_another_town_s_message_does_not_exist(tmp_path: Path) -> None:
    """A number guessed tells nothing."""
    async with program(tmp_path) as (town, browser, headers):
        status, _ = await asked(browser, headers, "GET", "/api/v1/messages/77")
        lost, said = await asked(browser, headers, "GET", "/api/v1/nothing")
        way, _ = await asked(browser, headers, "PUT", "/api/v1/groups")
        mine = await town.box.raise_alert("x", to=["06 39 98 00 01"])
        await town.box.daemon.store.write(
            lambda db: db.execute("INSERT INTO entity(name, timezone, created_at)"
                                  " VALUES ('Ailleurs', 'Europe/Paris', 0)")
        )  # fmt: skip
        await town.box.daemon.store.write(
            lambda db: db.execute("UPDATE software SET entity_id = 2")
        )
        hidden, _ = await asked(browser, headers, "GET", f"/api/v1/messages/{mine}")

    assert (404, 404, 405, 404) == (status, lost, way, hidden)
    assert "openapi.json" in said["error"]["message"]


async def test_a_program_that_asks_too_often_is_told_when_it_may_again(tmp_path: Path) -> None:
    """A loop gone wild must not keep the page from the mayor."""
    async with program(tmp_path) as (town, browser, headers):
        statuses = [(await asked(browser, headers, "GET", "/api/v1/groups"))[0] for _ in range(121)]
        answer = await browser.client.get("/api/v1/groups", headers=headers)
        wait = int(answer.headers["Retry-After"])
        await town.box.advance(wait)
        after, _ = await asked(browser, headers, "GET", "/api/v1/groups")

    assert [200] * 120 + [429] == statuses
    assert 0 < wait <= 61
    assert 200 == after


async def test_a_token_is_given_shown_once_and_withdrawn_on_the_page(tmp_path: Path) -> None:
    """By an administrator, from a form."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        given_ = await (await browser.post("/api", {"software": "Station"})).text()
        later = await browser.text("/api")
        twice = await browser.post("/api", {"software": "station"})
        empty = await browser.post("/api", {"software": " "})
        gone = await browser.post("/api/1/retirer", {})
        after = await browser.text("/api")

    assert "tocsin_" in given_.split('id="jeton"')[1][:300]
    assert 'id="jeton"' not in later
    assert "Station" in later
    assert (400, 400, "/api") == (twice.status, empty.status, gone.headers["Location"])
    assert "Station" not in after


async def test_what_is_of_no_use_later_says_so_and_is_kept_no_longer(tmp_path: Path) -> None:
    """The river's station knows when its warning is stale."""
    until = "2026-11-24T05:00:00+01:00"
    async with program(tmp_path) as (town, browser, headers):
        message = {**FLOOD, "expires": until}
        status, sent = await asked(browser, headers, "POST", "/api/v1/messages", json=message)
        (row,) = await town.box.daemon.store.read(
            lambda db: db.execute(
                "SELECT expires_at FROM broadcast WHERE id = ?", (sent["id"],)
            ).fetchall()
        )

    assert 201 == status
    assert datetime.fromisoformat(until).timestamp() == row["expires_at"]


async def test_a_request_that_is_too_heavy_is_told_the_true_limit(tmp_path: Path) -> None:
    """Whoever cuts it in pieces needs to know how small."""
    async with program(tmp_path) as (_, browser, headers):
        heavy = io.BytesIO(b" " * (LARGEST + 1))
        status, said = await asked(browser, headers, "POST", "/api/v1/messages", data=heavy)

    assert 413 == status
    assert f"{LARGEST // 1024**2} Mo" in said["error"]["message"]


async def test_the_description_names_every_route_of_the_door_and_no_other(tmp_path: Path) -> None:
    """A program built from it finds what it promises."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        shown = await (await browser.get("/api/v1/openapi.json")).json()
        app = browser.client.app
        assert app is not None
        routed = {
            (route.method.lower(), cast("web.Resource", route.resource).canonical)
            for route in app.router.routes()
            if route.resource and route.resource.canonical.startswith("/api/v1/")
        }

    told = {(way, path) for path, ways in shown["paths"].items() for way in ways}
    reading = {one for one in routed if one[0] != "head"}
    assert reading - {("get", "/api/v1/openapi.json")} == told
    assert all(about["summary"] for ways in shown["paths"].values() for about in ways.values())
    assert "3.1.0" == shown["openapi"]


def test_the_description_names_what_may_be_asked_and_what_may_go_wrong() -> None:
    """A program's author reads nothing else."""
    shown = api.openapi()
    paths, schemas = shown["paths"], shown["components"]["schemas"]
    send, find = paths["/api/v1/messages"]["post"], paths["/api/v1/contacts"]["get"]
    names = {(one["in"], one["name"]) for one in (*send["parameters"], *find["parameters"])}

    assert {("header", "Idempotency-Key"), ("query", "q"), ("query", "page")} == names
    assert {"201", "401", "404", "409", "413", "422", "429", "503"} == set(send["responses"])
    assert "409" not in find["responses"]
    assert {"200", "201"} <= set(paths["/api/v1/contacts"]["post"]["responses"])
    assert "Retry-After" in send["responses"]["429"]["headers"]
    assert set(api.NewMessage.model_fields) == set(schemas["NewMessage"]["properties"])
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(shown)):
        assert name in schemas


async def test_every_answer_is_as_it_is_described(tmp_path: Path) -> None:
    """Nothing more, nothing less: a program generated from the description reads it."""
    at_night = {**FLOOD, "urgency": "service"}
    person = {"name": "Éluard", "phones": ["06 39 98 00 44"]}
    async with program(tmp_path) as (town, browser, headers):
        _, sent = await asked(browser, headers, "POST", "/api/v1/messages", json=FLOOD)
        await town.box.finished(sent["id"])
        _, waits = await asked(browser, headers, "POST", "/api/v1/messages", json=at_night)
        wanted: dict[tuple[str, str], tuple[str, Any]] = {
            ("post", "/api/v1/messages"): ("/api/v1/messages", FLOOD),
            ("get", "/api/v1/messages"): ("/api/v1/messages", None),
            ("get", "/api/v1/messages/{id}"): (f"/api/v1/messages/{sent['id']}", None),
            ("delete", "/api/v1/messages/{id}"): (f"/api/v1/messages/{waits['id']}", None),
            ("post", "/api/v1/contacts"): ("/api/v1/contacts", person),
            ("get", "/api/v1/contacts"): ("/api/v1/contacts", None),
            ("get", "/api/v1/groups"): ("/api/v1/groups", None),
        }
        for key, (path, body) in wanted.items():
            _, said = await asked(browser, headers, key[0].upper(), path, json=body)
            model = ANSWERS[key]
            assert said
            for one, kind in (
                [(one, model[0]) for one in said] if isinstance(model, list) else [(said, model)]
            ):
                kind.model_validate(one)
        _, wrong = await asked(browser, headers, "GET", "/api/v1/messages/77")

    Failure.model_validate(wrong)
    assert set(ANSWERS) == set(wanted)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(
        st.sampled_from(["text", "to", "groups", "channels", "at", "x"]), one, max_size=4),
))  # fmt: skip
def test_any_body_is_a_message_or_a_told_refusal(body: Any) -> None:
    """Nothing a program sends ends in a fault."""
    try:
        made = api.NewMessage.model_validate_json(json.dumps(body))
    except ValidationError as error:
        made = None
        told = error.errors(include_url=False, include_context=False)
        if not told:
            pytest.fail("refused without a word")
    if made is not None:
        assert made.text
