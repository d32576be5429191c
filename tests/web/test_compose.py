"""Writing and sending, without a line of JavaScript."""

from __future__ import annotations

import html
import re
from typing import Any

from aiohttp import FormData
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from gateway.services.drafting import against_subject, title_of
from tests.web.fake import NAMES, Town
from tests.web.site import Site, site
from web.forms import Composed

TEXT = "Crue : montez à l'étage."
FORM = [("text", TEXT), ("group", "2"), ("channel", "sms"), ("channel", "voice"), ("key", "k1")]
SERVICE, ALERT = [*FORM, ("urgency", "service")], [*FORM, ("urgency", "vital")]


def hidden(page: str) -> list[tuple[str, str]]:
    """Return the hidden fields of a page, as the browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return [(name, html.unescape(value)) for name, value in found if name != "csrf"]


async def press(browser: Site, action: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
    """Press a button of the form; return the status and the page, or where it leads."""
    answer = await browser.post("/messages/nouveau", [*fields, ("action", action)])
    return answer.status, answer.headers.get("Location") or html.unescape(await answer.text())


async def test_an_empty_form_cannot_send() -> None:
    """The button comes with the number of people and the duration, never before."""
    async with site() as browser:
        page = await browser.text("/messages/nouveau")

        assert 'value="verify"' in page
        assert 'value="send"' not in page


async def test_checking_shows_people_duration_and_the_button() -> None:
    """What a sender must know stands beside the button."""
    async with site() as browser:
        status, page = await press(browser, "verify", SERVICE)

        assert status == 200
        assert "12 personnes" in page
        assert "environ 3 minutes" in page
        assert "17\u00a0h\u00a033" in page
        assert 'value="send"' in page
        assert TEXT in page


async def test_checking_an_empty_form_says_what_is_missing() -> None:
    """And keeps what was written."""
    async with site() as browser:
        status, page = await press(browser, "verify", [("text", "Seul")])

        assert status == 400
        assert "Il manque" in page
        assert "Seul" in page


async def test_a_checked_message_is_sent_and_followed() -> None:
    """Two presses from the text to the progress page."""
    async with site() as browser:
        status, where = await press(browser, "send", [*SERVICE, ("announced", "12-1")])
        draft = browser.town.broadcasts.sent[0]

        assert (status, where) == (303, "/messages/1")
        assert (draft.text, title_of(draft)) == (TEXT, TEXT)
        assert draft.group_ids == (2,)
        assert draft.channels == ("sms", "voice")
        assert draft.urgency == "service"
        assert str(draft.idempotency_key).startswith("k1-")
        assert draft.sms_text is None


async def test_what_was_not_announced_is_not_sent() -> None:
    """A message changed since the check is checked again, not sent."""
    async with site() as browser:
        for announced in ("", "11-1", "12-2"):
            status, page = await press(browser, "send", [*SERVICE, ("announced", announced)])

            assert status == 200
            assert "Vérifiez ce qui va partir" in page
        assert browser.town.broadcasts.sent == []


async def test_an_alert_is_repeated_before_it_leaves() -> None:
    """People, three names, duration, text: then only does it go."""
    async with site() as browser:
        status, page = await press(browser, "send", [*ALERT, ("announced", "12-1")])

        assert status == 200
        assert browser.town.broadcasts.sent == []
        for said in ("12 personnes", "environ 3 minutes", "Jeanne Évrard", "Quartier inondable"):
            assert said in page

        status, where = await press(browser, "confirm", hidden(page))

        assert (status, where) == (303, "/messages/1")
        assert browser.town.broadcasts.sent[0].text == TEXT


async def test_an_alert_can_be_taken_back_to_the_form() -> None:
    """Nothing written is lost by hesitating."""
    async with site() as browser:
        _, page = await press(browser, "send", [*ALERT, ("announced", "12-1")])
        status, page = await press(browser, "edit", hidden(page))

        assert status == 200
        assert TEXT in page
        assert re.search(r'name="group" value="2" checked', page)
        assert re.search(r'value="vital" checked', page)
        assert ("key", "k1") in hidden(page)


async def test_two_presses_send_once() -> None:
    """Nervous fingers at 3 in the morning."""
    async with site() as browser:
        fields = [*SERVICE, ("announced", "12-1")]
        where = [await press(browser, "send", fields) for _ in range(2)]

        assert where == [(303, "/messages/1")] * 2
        assert len(browser.town.broadcasts.sent) == 1


async def test_a_form_gone_back_to_and_changed_is_another_message() -> None:
    """The second alert of the night must not pass for the first."""
    changed = [
        ("text", "Crue : évacuez."),
        *FORM[1:],
        ("urgency", "service"),
        ("announced", "12-1"),
    ]
    async with site() as browser:
        await press(browser, "send", [*SERVICE, ("announced", "12-1")])
        await press(browser, "send", changed)

        assert [draft.text for draft in browser.town.broadcasts.sent] == [TEXT, "Crue : évacuez."]


async def test_dear_characters_are_named_and_replaced_on_demand() -> None:
    """The sender decides; accents are not touched."""
    fields = [("text", "L’eau monte. Alerte à la Fête."), *FORM[1:]]
    async with site() as browser:
        _, page = await press(browser, "verify", fields)
        assert "apostrophe courbe" in page
        assert "70 caractères au lieu de 160" in page

        _, page = await press(browser, "typography", fields)

        assert "L'eau monte. Alerte à la Fête." in page
        assert "apostrophe courbe" not in page


async def test_a_refused_message_stays_in_the_form() -> None:
    """With the reason, and every word of it."""
    fields = [("text", "Ce mot est interdit"), *FORM[1:], ("announced", "12-1")]
    async with site() as browser:
        status, page = await press(browser, "send", fields)

        assert status == 400
        assert "Ce texte ne peut pas partir." in page
        assert "Ce mot est interdit" in page


async def test_what_stands_against_a_message_hides_the_button() -> None:
    """A button that cannot work is not shown."""
    fields = [*SERVICE, ("group", "99"), ("announced", "12-1")]
    async with site() as browser:
        status, page = await press(browser, "send", fields)

        assert status == 400
        assert "Groupe inconnu : 99." in page
        assert 'value="send"' not in page


async def test_figures_follow_while_one_writes() -> None:
    """The live part answers with the forecast and, apart, the measure of the SMS."""
    async with site() as browser:
        answer = await browser.post("/messages/prevision", SERVICE)
        said = await answer.text()

        assert answer.status == 200
        assert "12 personnes" in said
        assert f"dont {', '.join(NAMES[:3])}…" in html.unescape(said), "whom, before sending"
        assert 'id="mesure" hx-swap-oob="innerHTML"' in said
        assert "<html" not in said


async def test_a_text_of_its_own_for_each_channel_is_kept() -> None:
    """The call may say what the SMS has no room for."""
    own = [("sms_text", "S"), ("voice_text", "V"), ("mail_subject", "O"), ("mail_text", "M")]
    async with site() as browser:
        await press(browser, "send", [*SERVICE, *own, ("announced", "12-1")])
        draft = browser.town.broadcasts.sent[0]

        assert (draft.sms_text, draft.voice_text) == ("S", "V")
        assert (draft.mail_subject, draft.mail_text) == ("O", "M")


async def test_a_box_without_groups_leads_to_the_import(monkeypatch: Any) -> None:
    """A first visitor must not stand before an empty list."""
    monkeypatch.setattr("tests.web.fake.GROUPS", [])
    async with site(Town()) as browser:
        assert "/contacts/import" in await browser.text("/messages/nouveau")


@given(st.lists(st.tuples(st.sampled_from(["text", "group", "channel", "urgency", "key", "title"]),
                          st.text(max_size=30))))  # fmt: skip
def test_no_posted_form_breaks_the_reading(fields: list[tuple[str, str]]) -> None:
    """Whatever is posted, the sender gets a page back."""
    composed = Composed.read(MultiDict(fields))

    assert composed.urgency in ("vital", "service", "information")
    assert composed.key
    assert Composed.read(MultiDict(composed.hidden())).draft() == composed.draft()


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_a_message_without_a_title_is_called_by_its_first_words(text: str) -> None:
    """A list of untitled messages helps nobody."""
    title = title_of(Composed(text=text.strip()).draft())

    assert len(title) <= 60
    assert "\n" not in title


def test_nobody_is_asked_to_mend_a_title_that_nobody_wrote() -> None:
    """« Bonjour {nom}, … » without a title can be sent, also by mail and as a trial."""
    draft = Composed(text="Bonjour {nom}, le marché est annulé.").draft()

    assert [] == against_subject(draft)
    assert "Bonjour, le marché est annulé." == title_of(draft)


async def test_what_is_typed_is_kept_and_can_be_taken_up_again() -> None:
    """The telephone rings, the browser is closed: nothing is lost."""
    async with site() as browser:
        said = await (await browser.post("/messages/prevision", SERVICE)).text()
        begun = await browser.text("/messages/nouveau")
        again = html.unescape(await browser.text("/messages/nouveau?brouillon=k1"))

        assert "Brouillon gardé à 17\u00a0h\u00a030" in said
        assert "Un message commencé attend" in begun
        assert TEXT in again
        assert 'name="group" value="2" checked' in again


async def test_what_was_begun_yesterday_and_says_demain_says_so_when_it_is_taken_up() -> None:
    """It is sent as it stands by whoever only remembers that it was ready."""
    async with site() as browser:
        await browser.post("/messages/prevision", {**dict(SERVICE), "text": "Fermé demain."})
        again = html.unescape(await browser.text("/messages/nouveau?brouillon=k1"))

    assert "Ce texte est d'hier." in again


async def test_without_script_a_button_keeps_it_for_later() -> None:
    """And it can be thrown away."""
    async with site() as browser:
        status, where = await press(browser, "begin", SERVICE)
        thrown = await browser.post("/messages/brouillon/jeter", {"key": "k1"})

        assert (status, where) == (303, "/messages/nouveau")
        assert 303 == thrown.status
        assert {} == browser.town.unfinished.begun


async def test_a_sent_message_is_no_longer_begun() -> None:
    """Nobody must send it a second time from there."""
    async with site() as browser:
        await browser.post("/messages/prevision", SERVICE)
        await press(browser, "send", [*SERVICE, ("announced", "12-1")])

        assert {} == browser.town.unfinished.begun


async def test_everything_but_whom_and_what_is_folded_with_its_default_said() -> None:
    """Three things on the first screen: to whom, the message, send."""
    async with site() as browser:
        page = html.unescape(await browser.text("/messages/nouveau"))
        alert = html.unescape(await browser.text("/messages/nouveau?urgence=vital"))

        assert 2 == page.count("<fieldset>")
        assert not re.search(r"<details[^>]* open", page)
        assert "Ce n'est pas une alerte" in page
        assert "SMS, appel, courriel – le plus simple" in re.sub(r"\s+", " ", page)
        assert "alerte, part tout de suite" in alert


async def test_a_file_that_is_refused_costs_neither_the_other_nor_the_text() -> None:
    """Two are joined, the second is a program: the first stays, and everything written."""
    async with site() as browser:
        form = FormData()
        for name, value in [("csrf", browser.csrf), *SERVICE, ("action", "verify")]:
            form.add_field(name, value)
        for name in ("plan.pdf", "virus.exe"):
            form.add_field("attached", b"x", filename=name)
        answer = await browser.client.post(
            "/messages/nouveau", data=form, headers={"Origin": browser.origin}
        )
        page = html.unescape(await answer.text())

        assert 400 == answer.status
        assert TEXT in page
        assert 'name="file" value="1"' in page


async def test_a_draft_too_long_to_keep_stays_on_the_page() -> None:
    """Said with its mend, not thrown away on the way to a blank form."""
    async with site() as browser:
        browser.town.unfinished.longest = 10
        status, page = await press(browser, "begin", SERVICE)

        assert 400 == status
        assert TEXT in page
        assert "trop long pour être gardé" in page


def test_a_draft_keeps_the_number_of_the_trial_and_the_name_it_was_to_have() -> None:
    """Saved as typed; and neither makes it another message."""
    one = Composed(text=TEXT, key="k", test_to="06 39 98 00 01", ready_name="Crue")
    kept = Composed.read(MultiDict(one.hidden()))

    assert ("06 39 98 00 01", "Crue") == (kept.test_to, kept.ready_name)
    assert one.draft().idempotency_key == Composed(text=TEXT, key="k").draft().idempotency_key
