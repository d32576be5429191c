"""What a secretary does with a council: reminders, paper, the sheet, the second convocation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Refused
from gateway.services import Draft
from gateway.services.reports import check_seal
from gateway.store import retention
from tests.acceptance.test_asked_by_sms import PARIS, clock, texts
from tests.acceptance.test_council import (
    ANNE,
    BLAISE,
    CELINE,
    EVENING,
    FANNY,
    convened,
    meeting,
    member,
    members,
    network,
    seen,
    standing,
)
from tests.acceptance.test_replies import says
from tests.harness import running, states


async def test_only_those_who_have_not_answered_are_reminded(tmp_path: Path) -> None:
    """Once more, by the same ways; how many and when stays on the page."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town, answer_by=datetime(2026, 11, 30, 12, 0, tzinfo=PARIS))
        await says(town, made, ANNE, "présente")
        await says(town, made, BLAISE, "absent")
        proposed = await town.services.councils.propose_recall(town.actor, number)
        recall = await town.services.councils.recall(
            town.actor, number, Draft(proposed.text, channels=proposed.channels)
        )
        await town.advance(120)
        await says(town, made, CELINE, "présente")
        view = await seen(town, number)
        report = await town.report(recall)

    assert "avant le lundi 30 novembre 2026 à 12 h" in proposed.text
    assert 5 == proposed.people
    assert {"Céline Cros", "Denis Martin", "Fanny Faure", "Guy Gil"} <= set(states(report))
    assert not {"Anne Alibert", "Blaise Bœuf"} & set(states(report))
    assert [(recall, "Essai")] == [(one.id, one.by) for one in view.recalls]
    assert "present" == standing(view)["Céline"], "an answer to the reminder is one"


async def test_a_reminder_that_could_leave_only_after_the_meeting_says_what_to_do(
    tmp_path: Path,
) -> None:
    """« Changez l'heure d'envoi », said a form without one, twenty minutes before the meeting."""
    made, night = network(), EVENING.replace(hour=20, minute=30)
    async with running(tmp_path, made, clock=clock()) as town:
        council = meeting(await members(town), night)
        number = await town.services.convening.convene(town.actor, council)
        await town.advance(60)
    late = clock(night - timedelta(minutes=20))
    async with running(tmp_path, made, clock=late, kept=lambda: True) as town:
        councils, text = town.services.councils, Draft("Venez-vous ?", channels=("sms",))
        with pytest.raises(Refused, match="ne partirait que demain à 8 h 00, et la séance aura"):
            await councils.propose_recall(town.actor, number)
        with pytest.raises(Refused, match="« Envoyer maintenant »"):
            await councils.recall(town.actor, number, text)
        kept = await councils.propose_recall(town.actor, number, text)

    assert "Venez-vous ?" == kept.text


async def test_a_reminder_written_at_night_says_when_it_leaves_and_points_out_demain(
    tmp_path: Path,
) -> None:
    """« Conseil demain », written the evening before, was read on the day itself."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
    night = clock(EVENING.replace(day=2, hour=21))
    async with running(tmp_path, made, clock=night, kept=lambda: True) as town:
        councils, text = town.services.councils, Draft("Conseil demain !", channels=("sms",))
        first = await councils.propose_recall(town.actor, number)
        with pytest.raises(Refused, match="« demain », mais ce message ne partira que le jeudi"):
            await councils.recall(town.actor, number, text)
        shown = await councils.propose_recall(town.actor, number, text)
        await councils.recall(town.actor, number, text, word=shown.word)

    assert (EVENING.replace(hour=8, minute=0), "") == (first.leaves_at, first.dated)


async def test_two_windows_remind_the_silent_once(tmp_path: Path) -> None:
    """Both were shown that nobody has; who sees the first one may send another."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        councils, text = town.services.councils, Draft("Venez-vous ?", channels=("sms",))
        both = await asyncio.gather(
            *(councils.recall(town.actor, number, replace(text, idempotency_key=key))
              for key in "ab"),
            return_exceptions=True,
        )  # fmt: skip
        (sent,) = (one for one in both if isinstance(one, int))
        same = await councils.recall(town.actor, number, replace(text, idempotency_key="a"))
        before = (await councils.propose_recall(town.actor, number)).before
        again = await councils.recall(town.actor, number, text, known=str(sent))
        view = await seen(town, number)

    (refused,) = (one for one in both if isinstance(one, Refused))
    assert "Une relance est déjà partie" in refused.message
    assert before is not None
    assert (sent, sent) == (same, before.id)
    assert [sent, again] == [one.id for one in view.recalls]


async def test_paper_is_handed_over_by_hand_and_is_no_failure(tmp_path: Path) -> None:
    """Whoever asked for paper gets nothing from here but the reminders; who gave it, and when."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        foreseen = await town.services.convening.foresee_meeting(
            town.actor, meeting(await members(town))
        )
        number = await convened(town)
        view = await seen(town, number)
        report = await town.report(number)
        councils, fanny = town.services.councils, member(view, "Fanny")
        await councils.hand_over(town.actor, number, [fanny])
        (handed,) = (await seen(town, number)).on_paper
        await councils.hand_over(town.actor, number, [fanny], given=False)
        (taken_back,) = (await seen(town, number)).on_paper

    assert foreseen.council is not None
    assert ("Fanny Faure",) == foreseen.council.paper
    assert [] == texts(made, FANNY)
    assert "Fanny Faure" not in states(report)
    assert ("Essai", True) == (handed.handed_by, handed.handed_at is not None)
    assert "remis sur papier le 24/11/2026" in handed.convened[0]
    assert ("à remettre sur papier",) == taken_back.convened


async def test_the_sheet_for_the_minutes_says_who_came_and_how_they_were_convened(
    tmp_path: Path,
) -> None:
    """With the proof of each way, the quorum computed, and a seal that the record knows."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "présente")
        await says(town, made, BLAISE, "absent")
        await says(town, made, CELINE, "pouvoir à Alibert")
        minutes = town.services.councils.minutes
        table = (await minutes.file(town.actor, number, "csv")).data.decode("utf-8-sig")
        pdf = await minutes.file(town.actor, number, "pdf")
        seal = table.split("Sceau;")[1].strip()
        known = await town.daemon.store.read(lambda db: check_seal(db, seal))

    lines = [line.split(";") for line in table.splitlines()]
    assert ["Anne Alibert", "présent", "", "Céline Cros"] == lines[1][:4]
    assert ["Blaise Bœuf", "excusé"] == lines[2][:2]
    assert ["Céline Cros", "pouvoir à", "Anne Alibert"] == lines[3][:3]
    assert "SMS du 24/11/2026 12:00 : " in lines[1][5]
    assert "par SMS, le 24/11/2026" in lines[1][4]
    assert "à remettre sur papier" in table
    assert "écarté : même numéro qu’une autre personne" in table, "nothing left in Emma's name"
    assert known
    assert f"conseil-{number}.pdf" == pdf.name
    assert pdf.data.startswith(b"%PDF-")


async def test_an_unclear_reply_is_no_absence_in_the_minutes_and_no_silence_on_the_page(
    tmp_path: Path,
) -> None:
    """« peut-être » was sealed as « absent »; put aside by hand, what they wrote still stands."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "oui mais pas avant 19h")
        await says(town, made, BLAISE, "je sais pas")
        await says(town, made, CELINE, "pouvoir à Personne")
        councils = town.services.councils
        blaise = next(one for one in (await seen(town, number)).doubts if "Blaise" in one.who)
        await councils.settle(town.actor, number, blaise.id)
        view = await seen(town, number)
        proposed = await councils.propose_recall(town.actor, number)
        table = (await councils.minutes.file(town.actor, number, "csv")).data.decode("utf-8-sig")

    lines = [line.split(";") for line in table.splitlines()]
    assert "réponse à traiter : « oui mais pas avant 19h »" == lines[1][1]
    assert "sans réponse claire : « je sais pas »" == lines[2][1]
    assert "réponse à traiter : « pouvoir à Personne »" == lines[3][1]
    assert "sans réponse" == lines[4][1]
    assert "absent" not in table
    assert (0, 0, 2, 5, 5) == (
        view.present, view.away, view.unclear, view.silent, proposed.people
    )  # fmt: skip


async def test_the_second_convocation_needs_no_quorum(tmp_path: Path) -> None:
    """Three days after a first meeting that had none, and it says so."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        first = await convened(town)
    moment = EVENING + timedelta(hours=15)
    async with running(tmp_path, made, clock=clock(moment), kept=lambda: True) as town:
        group = (await town.services.directory.groups(town.actor))[0].id
        convening = town.services.convening
        soon = meeting(group, EVENING + timedelta(days=2), after_id=first)
        with pytest.raises(Refused, match="trois jours"):
            await convening.convene(town.actor, soon)
        again = replace(soon, at=EVENING + timedelta(days=3))
        view = await convening.foresee_meeting(town.actor, again)
        second = await convening.convene(town.actor, again)
        await town.advance(60)
        found = await seen(town, second)
        mail = town.mailbox.messages[-1][1].get_body(("plain",)).get_content()
        (offered,) = await town.services.councils.past(town.actor)

    assert "" == view.warning
    assert (0, True, first) == (found.needed, found.reached, found.after_id)
    assert "sans condition de quorum" in " ".join(mail.split())
    assert first == offered.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"members": 3}, "members"), ({"rule": "none"}, "rule"),
        ({"proxies_each": 9}, "proxies_each"), ({"answer_by": EVENING}, "answer_by"),
        ({"after_id": 77}, "after"), ({"group_id": 99}, "council"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_with_its_field(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    async with running(tmp_path, network(), clock=clock()) as town:
        made = meeting(await members(town))
        assert made.council is not None
        wrong = replace(made, council=replace(made.council, **changes))
        with pytest.raises(Refused) as refusal:
            await town.services.convening.convene(town.actor, wrong)

    assert field == refusal.value.field


async def test_whoever_is_forgotten_leaves_the_list_of_the_council(tmp_path: Path) -> None:
    """How many said what stays."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "présente")

        def erase(db: Any) -> None:
            db.execute("DELETE FROM membership WHERE contact_id = 1")
            db.execute("UPDATE recipient SET contact_id = NULL WHERE contact_id = 1")
            db.execute("DELETE FROM main.endpoint WHERE contact_id = 1")
            db.execute("DELETE FROM main.contact WHERE id = 1")

        await town.daemon.store.write(erase)
        view = await seen(town, number)

    assert "Personne effacée" == view.members[0].name
    assert ("present", "") == (view.members[0].standing, view.members[0].words[0].said)


async def test_names_are_forgotten_with_those_of_the_message(tmp_path: Path) -> None:
    """After the months the town set; those on paper too, who are in no list of recipients."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        await says(town, made, ANNE, "présente")
        forgetting = retention.Forgetting(number, 2e9)
        while await town.daemon.store.write(forgetting.some):
            pass
        view = await seen(town, number)

    assert {"Personne effacée"} == {one.name for one in view.members}
    assert {""} == {word.said for one in view.members for word in one.words}
    assert (1, 6) == (view.present, view.silent)


async def test_what_only_a_human_understands_is_shown_and_not_reminded(tmp_path: Path) -> None:
    """A question, or a word that may be to another meeting; whoever deals with it decides."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        number = await convened(town)
        group = (await town.services.directory.groups(town.actor))[0].id
        await says(town, made, BLAISE, "Le jeudi, c'est sûr ?")
        later = await town.services.convening.convene(
            town.actor, meeting(group, EVENING + timedelta(days=7))
        )
        await town.advance(60)
        for who, words in ((ANNE, "je serai la"), (CELINE, "Pouvoir à Mme Inconnue")):
            await says(town, made, who, words)
        view, other = await seen(town, number), await seen(town, later)
        proposed = await town.services.councils.propose_recall(town.actor, number)
        question = next(one for one in view.doubts if one.who.startswith("Blaise"))
        await town.services.councils.settle(town.actor, number, question.id)
        decided = await seen(town, number)

    said = {"Le jeudi, c'est sûr ?", "je serai la", "Pouvoir à Mme Inconnue"}
    assert said == {one.said for one in view.doubts}
    assert said - {"Le jeudi, c'est sûr ?"} == {one.said for one in other.doubts}
    waits = {one.name.split()[0] for one in view.unanswered}
    assert waits.isdisjoint({"Anne", "Blaise", "Céline"})
    assert len(view.unanswered) == proposed.people
    assert "Blaise" in {one.name.split()[0] for one in decided.unanswered}


async def test_whoever_cannot_be_convened_is_named_before_and_reminded_of_nothing(
    tmp_path: Path,
) -> None:
    """A landline only: not counted as convened, nor as silent, until it was handed to them."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        land = "Nom;Prénom;Tel;Groupe\nHerte;Hugo;01 99 00 00 01;Conseil\n"
        await town.services.imports.take_file(town.actor, land.encode())
        foreseen = await town.services.convening.foresee_meeting(
            town.actor, meeting(await members(town))
        )
        number = await convened(town)
        view = await seen(town, number)
        proposed = await town.services.councils.propose_recall(town.actor, number)
        sheet = await town.services.councils.minutes.file(town.actor, number, "csv")
        hugo = member(view, "Hugo")
        await town.services.councils.hand_over(town.actor, number, [hugo])
        handed = await seen(town, number)

    ((name, why),) = foreseen.without
    assert "Hugo Herte" == name
    assert "aucun numéro ni adresse" in why
    assert 6 == foreseen.people, "eight members, of whom one has paper and one no way"
    (out,) = view.unconvened
    assert ("Hugo Herte", "non convoqué par Tocsin") == (out.name, out.label)
    assert "Hugo Herte" not in {one.name for one in view.unanswered}
    assert (7, 7) == (view.silent, proposed.people)
    assert (8, 1) == (len(view.seats), view.seats.count("unlisted"))
    assert "Hugo Herte;non convoqué par Tocsin" in sheet.data.decode()
    assert ((), 8) == (handed.unconvened, len(handed.unanswered))
