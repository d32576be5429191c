"""A council is convened, and answers: by SMS, mail, key and by hand; its quorum says who comes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Refused
from gateway.services import CouncilForm, CouncilView, Draft, Meeting
from modem.emulator import Behaviour, Network, Press
from tests.acceptance.test_asked_by_sms import PARIS, clock, texts
from tests.acceptance.test_replies import CRUE, inbox, says, send
from tests.harness import Town, running, states

ANNE, BLAISE, CELINE, DENIS, EMMA, FANNY, OTHER = (f"+3363998000{n}" for n in range(1, 8))
#: Anne has two telephones; Denis and Emma share one; Fanny asked for paper; Gil has a mail only.
LIST = """Nom;Prénom;Tel;Tel 2;Courriel;Étiquettes;Groupe
Alibert;Anne;06 39 98 00 01;06 39 98 00 07;;;Conseil
Bœuf;Blaise;06 39 98 00 02;;;;Conseil
Cros;Céline;06 39 98 00 03;;;;Conseil
Martin;Denis;06 39 98 00 04;;;;Conseil
Martin;Emma;06 39 98 00 04;;;;Conseil
Faure;Fanny;06 39 98 00 06;;;papier;Conseil
Gil;Guy;;;guy@example.org;;Conseil
"""
HELENES = "+33639980009"
HELENE = """Nom;Prénom;Tel;Courriel;Groupe
Huc;Hélène;06 39 98 00 09;helene@example.org;Conseil
"""
EVENING = datetime(2026, 12, 3, 18, 30, tzinfo=PARIS)


def network(*modems: str) -> Network:
    made = Network(seed=1)
    for name in modems or ("m1",):
        made.add_modem(name)
    return made


async def members(town: Town) -> int:
    await town.services.imports.take_file(town.actor, LIST.encode())
    found = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
    return found["Conseil"]


def meeting(group: int, at: datetime = EVENING, **council: Any) -> Meeting:
    return Meeting(
        "conseil municipal", at, "salle du conseil", "Budget ; voirie.", (), days_before=2,
        inhabitants=1200, key=f"k{at:%d}", council=CouncilForm(group, **council),
    )  # fmt: skip


async def convened(town: Town, **council: Any) -> int:
    """Convene the council of the list; return the message's number."""
    number = await town.services.convening.convene(
        town.actor, meeting(await members(town), **council)
    )
    await town.advance(60)
    return number


async def seen(town: Town, number: int) -> CouncilView:
    view = await town.services.councils.view(town.actor, number)
    assert view is not None
    return view


def standing(view: CouncilView) -> dict[str, str]:
    return {
        one.name.split()[0]: " ".join(filter(None, (one.standing, one.holder)))
        for one in view.members
    }


def member(view: CouncilView, name: str) -> int:
    return next(one.id for one in view.members if one.name.startswith(name))


async def test_members_answer_in_their_own_words_and_the_quorum_follows(tmp_path: Path) -> None:
    """Present, absent, a proxy: each hears what was noted, and the page counts them."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town, members=9)
        await says(town, made, ANNE, "Présente, merci")
        await says(town, made, BLAISE, "je serai absent désolé")
        await says(town, made, CELINE, "Je donne pouvoir à Mme ALIBERT")
        view = await seen(town, number)
        kept = await inbox(town)

    first = texts(made, ANNE)
    assert "Répondez PRESENT, ABSENT ou POUVOIR A suivi du nom" in first[0]
    assert first[1].startswith("Noté : vous serez présent(e), conseil municipal du jeudi 3 déc")
    assert "Pour donner pouvoir" in texts(made, BLAISE)[-1]
    assert "pouvoir à Anne Alibert" in texts(made, CELINE)[-1]
    assert {
        "Anne": "present", "Blaise": "excused", "Céline": "proxy Anne Alibert",
        "Denis": "silent", "Emma": "silent", "Fanny": "silent", "Guy": "silent",
    } == standing(view)  # fmt: skip
    assert (1, 1, 2, 4, 2, 5) == (
        view.present, view.proxies, view.away, view.silent, view.unlisted, view.needed,
    )  # fmt: skip
    assert "Quorum non atteint : 1 présent, il en faut 5 sur 9 (il en manque 4)." == view.sentence
    assert [0, 0, 0] == [one["to_read"] for one in kept]


async def test_the_last_word_counts_and_the_first_is_kept(tmp_path: Path) -> None:
    """From either of her telephones; whoever changes their mind is counted once."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "absente")
        await says(town, made, OTHER, "Je serai là")
        await says(town, made, OTHER, "présente")
        await says(town, made, BLAISE, "oui")
        await says(town, made, CELINE, "non")
        view = await seen(town, number)

    (anne, *_) = view.members
    assert ["absent excusé", "présent", "présent"] == [word.what for word in anne.words]
    assert ("present", "present", "excused") == tuple(
        standing(view)[one] for one in ("Anne", "Blaise", "Céline")
    )
    assert 2 == view.present
    assert 2 == len(texts(made, OTHER)), "the same said twice is answered once"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("pouvoir à Durand", "aucun membre"), ("pouvoir à M. Martin", "plusieurs membres"),
        ("pouvoir à Blaise Boeuf", "soi-même"), ("pouvoir à Céline Cros", "sera absent"),
        ("pouvoir à Anne", "porte déjà"),
    ],
)  # fmt: skip
async def test_a_proxy_that_cannot_be_is_for_a_human_and_told_so(
    tmp_path: Path, said: str, why: str
) -> None:
    """Never guessed: the giver hears it, the page shows it, they are not counted as present."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, CELINE, "absente")
        await town.services.councils.write_down(
            town.actor, number, member(await seen(town, number), "Denis"), "proxy",
            member(await seen(town, number), "Anne"),
        )  # fmt: skip
        await says(town, made, BLAISE, "présent")
        await says(town, made, BLAISE, said)
        view = await seen(town, number)
        kept = await inbox(town)
        with pytest.raises(Refused):
            await town.services.councils.settle(town.actor, number, view.doubts[0].id)
        await town.services.councils.write_down(
            town.actor, number, member(view, "Blaise"), "excused"
        )
        after = await seen(town, number)

    assert "doubt" == standing(view)["Blaise"]
    assert why in view.doubts[0].why
    assert said == view.doubts[0].said
    assert "Pouvoir NON noté" in texts(made, BLAISE)[-1]
    assert 1 == kept[-1]["to_read"]
    assert ("excused", ()) == (standing(after)["Blaise"], after.doubts)


async def test_two_proxies_that_cross_never_make_two_votes_of_nobody(tmp_path: Path) -> None:
    """Anne gives hers to Blaise, who gives his to Anne at the same moment: the second waits."""
    made = network("m1", "m2")
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        made.send(ANNE, made.modems["m1"], "pouvoir à Bœuf")
        made.send(BLAISE, made.modems["m2"], "pouvoir à Alibert")
        await town.advance(60)
        view = await seen(town, number)

    assert ["doubt", "proxy_waits"] == sorted(one.standing for one in view.members if one.words)
    assert 0 == view.proxies
    assert "sera absent" in view.doubts[0].why


async def test_a_proxy_falls_with_whoever_holds_it(tmp_path: Path) -> None:
    """And stands again when they come after all."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, CELINE, "pouvoir à Alibert")
        waits = standing(await seen(town, number))["Céline"]
        await says(town, made, ANNE, "absente")
        fell = standing(await seen(town, number))["Céline"]
        await says(town, made, ANNE, "présente")
        stands = standing(await seen(town, number))["Céline"]

    assert ["proxy_waits", "proxy_fell", "proxy"] == [
        one.split()[0] for one in (waits, fell, stands)
    ]


async def test_a_number_of_two_members_is_for_a_human(tmp_path: Path) -> None:
    """Whose word is it? The page asks; the secretary writes it down, with their name."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, DENIS, "présent")
        view = await seen(town, number)
        await town.services.councils.write_down(town.actor, number, member(view, "Emma"), "present")
        await town.services.councils.settle(town.actor, number, view.doubts[0].id)
        after = await seen(town, number)

    assert {"silent"} == {standing(view)[one] for one in ("Denis", "Emma")}
    assert "plusieurs membres" in view.doubts[0].why
    assert ("silent", "present") == (standing(after)["Denis"], standing(after)["Emma"])
    assert () == after.doubts
    emma = next(one for one in after.members if one.name.startswith("Emma"))
    assert ("Essai", "") == (emma.words[0].by, emma.words[0].way)


async def test_with_two_meetings_open_a_bare_word_is_asked_which(tmp_path: Path) -> None:
    """The one not answered yet is meant; where both wait, a code tells them apart."""
    made = network()
    later = EVENING + timedelta(days=7)
    async with running(tmp_path, made, clock=clock()) as town:
        first = await convened(town)
        group = (await town.services.directory.groups(town.actor))[0].id
        second = await town.services.convening.convene(town.actor, meeting(group, later))
        await town.advance(60)
        await says(town, made, ANNE, "présente")
        asked = texts(made, ANNE)[-1]
        before = [standing(await seen(town, one))["Anne"] for one in (first, second)]
        code = asked.split(" du jeudi 10 décembre")[0].split(" : ")[-2][-4:]
        await says(town, made, ANNE, f"oui {code}")
        after = [standing(await seen(town, one))["Anne"] for one in (first, second)]
        await says(town, made, ANNE, "absente")  # the other is left: no code is needed
        last = [standing(await seen(town, one))["Anne"] for one in (first, second)]
        await says(town, made, BLAISE, "pouvoir à Anne")
        proxy = [standing(await seen(town, one))["Blaise"] for one in (first, second)]

    assert "Plusieurs réunions vous attendent" in asked
    assert [["doubt", "doubt"], ["doubt", "present"], ["excused", "present"]] == [
        before, after, last,
    ]  # fmt: skip
    assert ["doubt", "doubt"] == proxy, "a proxy is not guessed either"
    assert "la mairie voit votre message" in texts(made, BLAISE)[-1]


async def test_a_word_after_the_meeting_changes_nothing(tmp_path: Path) -> None:
    """A reply to an old convocation is read by a human; the new one is answered by itself."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
    moment = EVENING + timedelta(minutes=5)
    made = network()
    async with running(tmp_path, made, clock=clock(moment), kept=lambda: True) as town:
        await says(town, made, ANNE, "Présente !")
        view = await seen(town, number)
        *_, kept = await inbox(town)
        await town.services.councils.write_down(town.actor, number, member(view, "Anne"), "absent")
        after = await seen(town, number)
        with pytest.raises(Refused, match="commencé"):
            await town.services.councils.propose_recall(town.actor, number)

    assert "silent" == standing(view)["Anne"]
    assert ("council_over", 1, number) == (kept["effect"], kept["to_read"], kept["broadcast_id"])
    assert "NON notée" in texts(made, ANNE)[-1]
    assert "absent" == standing(after)["Anne"], "the roll called at the meeting is written down"


async def test_an_alert_and_a_council_that_both_wait_ask_which_one_a_yes_is_for(
    tmp_path: Path,
) -> None:
    """A presence is no acknowledgement of a flood; « présent » is plain enough by itself."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        flood = await send(town, replace(CRUE, confirm=True))
        await says(town, made, ANNE, "oui")
        asked = texts(made, ANNE)[-1]
        before = standing(await seen(town, number))["Anne"], states(await town.report(flood))
        await says(town, made, ANNE, "présente")
        await says(town, made, ANNE, "oui")
        after = standing(await seen(town, number))["Anne"], states(await town.report(flood))

    assert "Plusieurs messages attendent votre réponse" in asked
    assert ("doubt", "received") == (before[0], before[1]["Anne Alibert"])
    assert ("present", "acknowledged") == (after[0], after[1]["Anne Alibert"])


async def test_received_is_no_presence(tmp_path: Path) -> None:
    """« bien reçu » is asked what it means for the meeting, once."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "Bien reçu")
        view, said = await seen(town, number), texts(made, ANNE)[1:]
        report = await town.report(number)
        await says(town, made, ANNE, "oui")
        after = standing(await seen(town, number))["Anne"]

    assert ("silent", "present") == (standing(view)["Anne"], after)
    assert ["Bien reçu, merci. Serez-vous là ? Répondez PRESENT, ABSENT ou POUVOIR A suivi du nom."
            ] == said  # fmt: skip
    assert "acknowledged" == states(report)["Anne Alibert"]


async def test_a_proxy_in_two_parts_is_read_whole_though_a_modem_was_lost(tmp_path: Path) -> None:
    """Pulled out between the two parts; nothing counts before the whole is there."""
    made = network("m1", "m2")
    long = "Bonjour à tous, je serai absente jeudi. Je donne pouvoir à Blaise Bœuf. Merci beaucoup"
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        waiting, modem = made._messages["m1"], made.modems["m1"]
        modem.unplug()
        made.send(ANNE, modem, long)
        second = waiting.pop()
        modem.replug()
        await town.advance(120)
        modem.unplug()  # with the first part on the disk
        waiting.append(second)
        before = standing(await seen(town, number))["Anne"]
        modem.replug()
        await town.advance(240)
        view = await seen(town, number)
        kept = await inbox(town)

    assert "silent" == before
    assert [long] == [one["text"] for one in kept]
    assert "proxy_waits Blaise Bœuf" == standing(view)["Anne"]


def reply_to(message: Any, text: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "guy@example.org", "mairie@la-redorte.example"
    mail["Subject"], mail["In-Reply-To"] = "Re: Convocation", message["Message-ID"]
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Présent\n\nCordialement,\nGuy Gil", "present"),
        ("pouvoir à Anne Alibert\n> Répondez présent", "proxy_waits Anne Alibert"),
        ("Absent.\n\nLe 24 novembre, la mairie a écrit :\n> présent", "excused"),
        ("Bien reçu", "silent"), ("Je passerai peut-être vers 19 h.", "doubt"),
    ],
)  # fmt: skip
async def test_the_first_line_of_a_mail_is_an_answer(tmp_path: Path, text: str, where: str) -> None:
    """The rest stays as it was: any answer tells that the convocation came."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        ((address, mail),) = town.mailbox.messages
        assert await town.daemon._mailroom.take_return(reply_to(mail, text))
        view = await seen(town, number)
        report = await town.report(number)

    assert "guy@example.org" == address
    assert "sur la première ligne : « présent »" in mail.get_body(("plain",)).get_content()
    assert where == standing(view)["Guy"]
    assert "acknowledged" == states(report)["Guy Gil"]
    assert ("peut-être" in text) == bool(view.doubts), "what is not plain is for a human"


async def test_an_answer_by_sms_withdraws_no_mail_that_has_still_to_leave(tmp_path: Path) -> None:
    """The mail with the agenda is the convocation of the law: proof that it left is wanted."""
    made = network()
    both = LIST.replace("06 39 98 00 02;;;", "06 39 98 00 02;;blaise@example.org;")
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.imports.take_file(town.actor, both.encode())
        group = (await town.services.directory.groups(town.actor))[0].id
        town.mailbox.close()
        number = await town.services.convening.convene(town.actor, meeting(group))
        await town.advance(30)
        await says(town, made, BLAISE, "présent")
        report = await town.report(number)
        view = await seen(town, number)

    (mine,) = (one for one in report["recipients"] if one["contact"] == "Blaise Bœuf")
    assert "present" == standing(view)["Blaise"]
    assert {"email": "queued", "sms": "delivered"} == {
        one["channel"]: one["state"] for one in mine["jobs"]
    }


async def test_who_wants_no_sms_and_answers_by_one_has_had_the_mail(tmp_path: Path) -> None:
    """The quorum counted her, the message sent it all again to her as to one not reached."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        group = await members(town)
        await town.services.imports.take_file(town.actor, HELENE.encode())
        await says(town, made, HELENES, "STOP")
        number = await town.services.convening.convene(town.actor, meeting(group))
        await town.advance(60)
        await says(town, made, HELENES, "présente")
        lived = states(await town.report(number))
        view = await seen(town, number)

    assert "present" == standing(view)["Hélène"]
    assert "acknowledged" == lived["Hélène Huc"]


async def test_a_key_in_a_call_answers_and_both_are_announced(tmp_path: Path) -> None:
    """1 present, 2 absent, for whoever has a landline; an ordinary call knows no 2."""
    made = network()
    land = """Nom;Prénom;Tel;Groupe
Herte;Hugo;01 99 00 00 01;Conseil
Ibos;Ida;01 99 00 00 02;Conseil
"""
    for number, digit in (("+33199000001", "1"), ("+33199000002", "2")):
        made.handset(number).behaviour = Behaviour(
            answers_after=1.0, presses=(Press(digit, 25.0),), hangs_up_after=90.0
        )
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.imports.take_file(town.actor, land.encode())
        number = await convened(town, members=9)
        view = await seen(town, number)
        by_hand = [member(view, "Hugo"), member(view, "Ida")]
        await town.services.councils.hand_over(town.actor, number, by_hand)
        proposed = await town.services.councils.propose_recall(town.actor, number)
        recall = await town.services.councils.recall(
            town.actor, number, Draft(proposed.text, channels=("sms", "email", "voice"))
        )
        await town.advance(400)
        view = await seen(town, number)
        report = await town.report(recall)

    assert ("present", "excused") == (standing(view)["Hugo"], standing(view)["Ida"])
    assert {"par téléphone"} == {
        one.words[0].way for one in view.members if one.name.startswith(("Hugo", "Ida"))
    }
    assert ("acknowledged", "declined") == (
        states(report)["Hugo Herte"], states(report)["Ida Ibos"],
    )  # fmt: skip


async def test_a_stop_between_two_words_loses_none(tmp_path: Path) -> None:
    """An answer is on the disk, not yet understood: the next start counts it, once."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "présente")
        town.daemon._attendants.correspondence._bell = asyncio.Event()  # it hears nothing any more
        town.daemon._receipts.kept = lambda: None
        await says(town, made, BLAISE, "pouvoir à Alibert")
        assert "silent" == standing(await seen(town, number))["Blaise"]
    async with running(tmp_path, network(), clock=clock()) as town:
        await town.advance(60)
        view = await seen(town, number)

    assert ("present", "proxy Anne Alibert") == (standing(view)["Anne"], standing(view)["Blaise"])


async def test_a_yes_to_what_was_asked_by_hand_is_no_presence(tmp_path: Path) -> None:
    """Whoever asked knows what they asked; « présente » says itself what it means."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await town.services.inbox.answer(town.actor, ANNE, "Avez-vous les clés ?", "k")
        await town.advance(30)
        await says(town, made, ANNE, "oui")
        before, (kept,) = standing(await seen(town, number)), await inbox(town)
        await says(town, made, ANNE, "présente")
        after = standing(await seen(town, number))

    assert ("doubt", 1) == (before["Anne"], kept["to_read"])
    assert "present" == after["Anne"]
