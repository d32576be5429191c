"""The call tree on paper: who is rung first, by whom; made now, each Monday, and told when not."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway import call_tree, watch
from gateway.call_tree import Case, Listed, Somebody, Tree
from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.services import AuditFilter, Draft, GroupForm, PersonForm
from gateway.services.permits import NotAllowed
from modem.emulator import Network
from tests.harness import NIGHT, Town, running

LIST = """Nom;Prénom;Téléphone;Téléphone 2;Groupe
Alibert;Anne;06 39 98 00 01;01 99 00 00 01;Élus
Bonnet;Blaise;06 39 98 00 02;;Élus
Cros;Chloé;06 39 98 00 03;;Quartier inondable
"""
REGISTER = "Nom;Prénom;Téléphone;Groupe\nSecret;Séraphine;06 39 98 00 09;Registre\n"
TREE = Tree(
    "La Redorte", "Camille", "mardi 24 novembre 2026", ["06 39 98 99 01"],
    [Listed("De garde : Astreinte", [Somebody("Anne Alibert", ["06 39 98 00 01"])])],
    [Case("Crue", "Alerte", "La crue arrive.", "Quartier inondable",
          [Somebody("Anne Alibert", ["06 39 98 00 01"])])],
    [Listed("Élus", [Somebody("Blaise Bonnet", [], "référent : Anne Alibert")])], "7-abc",
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    """Return what the pages say; the letters are Windows', each line is one string."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    plain = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"x")
    said = b" ".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", plain))
    return re.sub(rb"\\(.)", rb"\1", said).decode("windows-1252")


@contextlib.asynccontextmanager
async def town(folder: Path, begin: datetime = NIGHT) -> AsyncIterator[Town]:
    network = Network(seed=1)
    network.add_modem("orange-1")
    async with running(folder, network, clock=LoopClock(begin)) as box:
        yield box


async def peopled(box: Town) -> list[int]:
    """Give the town people, a duty, a trusted telephone and a ready alert; return its groups."""
    await box.services.imports.take_file(box.actor, LIST.encode())
    begins = NIGHT - timedelta(hours=1)
    await box.services.duties.add_turn(
        box.actor, "Astreinte", "06 39 98 00 01", begins, begins + timedelta(days=7)
    )
    await box.services.telephones.trust(box.actor, "Le maire", "06 39 98 00 07")
    ids = {group.name: group.id for group in await box.services.directory.groups(box.actor)}
    draft = Draft(
        "Montez à l'étage.", group_ids=(ids["Quartier inondable"],), channels=("sms",),
        urgency="vital",
    )  # fmt: skip
    await box.services.ready.keep(box.actor, "Crue", draft)
    return [ids["Élus"]]


def letters(box: Town) -> Sequence[Path]:
    return sorted(box.daemon.config.data_dir.glob("mailbox/*"))


def test_what_is_on_the_pages_and_in_which_order() -> None:
    """What to do comes first: whoever holds the sheet is in a hurry."""
    said = [text for text, _ in call_tree.lines(TREE)]
    order = ["Si Tocsin ne marche plus", "Qui appelle", "Crue (Alerte)", "Liste : Élus"]

    assert order == [one for one in said if one in order]
    assert "18 ou le 112" in said[3]
    assert "[  ] Anne Alibert : 06 39 98 00 01" in said
    assert "[  ] Blaise Bonnet : pas de téléphone (référent : Anne Alibert)" in said


def test_the_pdf_says_its_date_and_owner_on_each_page() -> None:
    """Or last year's is found in the drawer and believed."""
    many = [Somebody(f"Personne {n}", ["06 39 98 00 01"]) for n in range(150)]
    said = text_of(call_tree.as_pdf(replace(TREE, groups=[Listed("Élus", many)])))
    pages = said.count("Page ")

    assert pages > 1
    assert pages == said.count("mardi 24 novembre 2026 – tenu par Camille")


def test_a_town_with_nothing_ready_still_gets_its_sheet() -> None:
    """And the sheet says what is missing."""
    said = " ".join(
        text for text, _ in call_tree.lines(replace(TREE, callers=[], cases=[], groups=[]))
    )

    assert "Personne n'est de garde" in said
    assert "Aucun message n'est prêt" in said


async def test_it_is_made_from_the_town_as_it_is_now(tmp_path: Path) -> None:
    """Duties, telephones, alerts, lists; and that it was made is in the record."""
    async with town(tmp_path) as box:
        groups = await peopled(box)
        await box.services.trees.set(box.actor, to="", place="", owner="Camille", chosen=groups)
        file = await box.services.trees.file(box.actor)
        entries = await box.services.audit.page(box.actor, AuditFilter())
    said = text_of(file.data)

    assert "arbre-d-appel-la-redorte.pdf" == file.name
    for wanted in (
        "De garde : Astreinte", "Le maire : 06 39 98 00 07", "Crue (Alerte)", "Montez à l'étage.",
        "À qui : Quartier inondable", "Liste : Élus", "Blaise Bonnet : 06 39 98 00 02",
        "tenu par Camille", "01 99 00 00 01",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert "Chloé" not in said  # her list was not chosen
    assert any("arbre d'appel" in one.what for one in entries.items)


async def test_nobody_of_the_register_is_on_it(tmp_path: Path) -> None:
    """Not in a printed list, on duty nor as a referent: the sheet lies on a desk."""
    async with town(tmp_path) as box:
        keeper = replace(box.actor, keeper=True)
        register = await box.services.groupings.save(
            keeper, None, GroupForm("Fragiles", "registre")
        )
        hers = PersonForm(
            {"name": "Cabanel", "given_name": "Yvette"},
            endpoints=((0, "06 39 98 00 77", ""),), group_ids=(register,),
        )  # fmt: skip
        await box.services.persons.save(keeper, None, hers)
        groups = await peopled(box)
        begins = NIGHT - timedelta(hours=1)
        with contextlib.suppress(Refused):
            await box.services.duties.add_turn(
                keeper, "Astreinte", "06 39 98 00 77", begins, begins + timedelta(days=7)
            )
        draft = Draft("Restez au frais.", group_ids=(register,), channels=("sms",))
        await box.services.ready.keep(keeper, "Canicule", draft)
        await box.services.trees.set(
            box.actor, to="", place="", owner="", chosen=[*groups, register]
        )
        said = text_of((await box.services.trees.file(keeper)).data)

    assert "registre des personnes fragiles (ses gardiens ont la liste)" in said
    assert "Blaise Bonnet" in said
    for hidden in ("Yvette", "Cabanel", "06 39 98 00 77", "Liste : Fragiles"):
        assert hidden not in said


async def test_only_whom_it_concerns_may_make_or_set_it(tmp_path: Path) -> None:
    """It carries names and numbers."""
    async with town(tmp_path) as box:
        technician = replace(box.actor, role="technician")
        secretary = replace(box.actor, role="sender")
        with pytest.raises(NotAllowed):
            await box.services.trees.file(technician)
        with pytest.raises(NotAllowed):
            await box.services.trees.set(secretary, to="", place="", owner="", chosen=[])
        for to, place in (("pas une adresse", ""), ("", "../ailleurs"), ("", "usb:a/b")):
            with pytest.raises(Refused):
                await box.services.trees.set(box.actor, to=to, place=place, owner="", chosen=[])


async def test_it_leaves_at_once_then_each_monday_and_never_twice(tmp_path: Path) -> None:
    """By mail and into a folder; a restart in the middle of the week sends nothing again."""
    place = tmp_path / "nas"
    place.mkdir()
    async with town(tmp_path / "box") as box:
        groups = await peopled(box)
        await box.services.trees.set(
            box.actor, to="maire@exemple.fr", place=str(place), owner="Camille", chosen=groups
        )
        await box.advance(120)
        (first,) = letters(box)
        first.unlink()
    monday = NIGHT.replace(day=30, hour=6, minute=30)
    async with town(tmp_path / "box", monday) as box:
        await box.advance(1200)
        before_seven = len(letters(box))
        await box.advance(1800)
        after_seven = len(letters(box))
        setup = await box.services.trees.setup(box.actor)
    (written,) = place.iterdir()

    assert (0, 1) == (before_seven, after_seven)
    assert "arbre-d-appel-la-redorte.pdf" == written.name
    assert "lundi 30 novembre 2026" in text_of(written.read_bytes())
    assert "" == setup.trouble


async def test_a_folder_that_is_not_there_is_told_and_mends_itself(tmp_path: Path) -> None:
    """The stick was pulled out: the page and the technician know, and it comes once it is back."""
    place = tmp_path / "cle"
    async with town(tmp_path / "box") as box:
        await box.services.trees.set(box.actor, to="", place=str(place), owner="Camille", chosen=[])
        await box.advance(700)
        told = await box.services.trees.setup(box.actor)
        alarms = await box.services.watching.standing(box.actor)
        place.mkdir()
        await box.advance(2 * 3600)
        after = await box.services.trees.setup(box.actor)
        standing = await box.services.watching.standing(box.actor)
        written = list(place.iterdir())

    assert "n'est pas là : branchez le disque" in told.trouble
    assert any("arbre d'appel de La Redorte" in one.sentence for one in alarms)
    assert "" == after.trouble
    assert not any("arbre d'appel" in one.sentence for one in standing)
    assert 1 == len(written)


def test_the_fault_says_the_mend() -> None:
    """A sentence without one wakes somebody for nothing."""
    well = watch.ModemNow("m1", healthy=True)
    (fault,) = watch.faults(watch.Reading([well], papers=[("Azille", "disque absent")]))

    assert "Azille" in fault.sentence
    assert "Réglages" in fault.mend
    assert fault == watch.ripe([fault], {}, 0.0)[0]
