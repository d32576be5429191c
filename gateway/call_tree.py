"""The call tree on paper: whom to ring, in which order, when Tocsin itself is dead. Pure.

Run as a program it makes the PDF from JSON, in a child as `gateway.paper` does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway import paper


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person to ring: name, numbers as one reads them, and what is to be known beside."""

    name: str
    numbers: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """People one rings together: a list of duty, the trusted telephones, a group."""

    name: str
    people: Sequence[Somebody]


@dataclass(frozen=True, slots=True)
class Case:
    """A ready alert: what is said, to whom, and who is rung first."""

    name: str
    urgency: str
    text: str
    whom: str
    first: Sequence[Somebody]


@dataclass(frozen=True, slots=True)
class Tree:
    """What stands on it. No PIN, and nobody of the register."""

    town: str
    owner: str
    made_on: str
    numbers: Sequence[str]  # Tocsin's own
    callers: Sequence[Listed]
    cases: Sequence[Case]
    groups: Sequence[Listed]
    seal: str


DEAD: Final = (
    "En danger immédiat : appelez le 18 ou le 112, sans attendre Tocsin.",
    "La page ne s'ouvre pas : lancez par SMS ou par appel (fiche réflexe), aux numéros ci-dessous.",
    "Tocsin ne répond pas non plus au téléphone : cherchez plus bas le cas qui se présente.",
    "Appelez ceux de « D'abord », lisez le texte, partagez-vous les listes.",
    "Cochez qui a répondu. Sans réponse après deux appels : le référent, sinon quelqu'un va voir.",
    "Ni téléphone ni réseau : sirène, porte-à-porte, rue par rue, en commençant par la berge.",
    "Le boîtier : débranchez-le, attendez dix secondes, rebranchez. Il met trois minutes.",
)


def as_pdf(tree: Tree) -> bytes:
    """Return the pages as a PDF; owner, date and seal stand below each."""
    page = _empty(tree)
    for text, kind in lines(tree):
        if kind == "head":
            page.ln(3)
            paper.line(page, text, 14, "B", 7.5)
        else:
            paper.line(page, text, *_STYLES[kind])
    return bytes(page.output())


#: Size in points, style, height of a line in millimetres.
_STYLES: Final[dict[str, tuple[float, str, float]]] = {
    "title": (20, "B", 10), "name": (12, "B", 6.2), "said": (12, "I", 6), "text": (11, "", 5.4),
}  # fmt: skip


def lines(tree: Tree) -> list[tuple[str, str]]:
    """Return each line of the pages, and how it is set."""
    numbers = "   ".join(tree.numbers) or "demandez-les au technicien, et écrivez-les ici : ______"
    found = [
        (f"Arbre d'appel – {tree.town}", "title"),
        (f"Fait le {tree.made_on}. Tenu par {tree.owner}. À jeter dès le suivant.", "text"),
        ("Si Tocsin ne marche plus", "head"),
        *((f"{n}. {text}", "text") for n, text in enumerate(DEAD, 1)),
        (f"Numéros de Tocsin : {numbers}", "name"), ("Qui appelle", "head"),
    ]  # fmt: skip
    for one in tree.callers:
        found += _listed(one)
    if not any(one.people for one in tree.callers):
        found.append(("Personne n'est de garde et aucun téléphone n'est autorisé.", "text"))
    for case in tree.cases:
        found += [(f"{case.name} ({case.urgency})", "head"), (f"À dire : « {case.text} »", "said"),
                  (f"À qui : {case.whom}", "text"), ("D'abord :", "name")]  # fmt: skip
        found += [(_somebody(one), "text") for one in case.first] or [
            ("les personnes de « Qui appelle »", "text")
        ]
    if not tree.cases:
        found.append(("Aucun message n'est prêt : préparez-en dans Messages prêts.", "text"))
    for one in tree.groups:
        found += [(f"Liste : {one.name}", "head"), *_listed(one)[1:]]
    return found


def _listed(one: Listed) -> list[tuple[str, str]]:
    people = [(_somebody(each), "text") for each in one.people] or [("personne", "text")]
    return [(one.name, "name"), *people]


def _somebody(one: Somebody) -> str:
    numbers = ", ".join(one.numbers) or "pas de téléphone"
    return f"[  ] {one.name} : {numbers}" + (f" ({one.note})" if one.note else "")


def _empty(tree: Tree) -> Any:
    """Return the first page, empty (`fpdf.FPDF`)."""
    from fpdf import FPDF

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("helvetica", size=7)
            said = f"{tree.town}, {tree.made_on} – tenu par {tree.owner} – sceau {tree.seal[:40]}"
            self.cell(0, 4, paper.plain(said))
            self.cell(0, 4, f"Page {self.page_no()}/{{nb}}", align="R")

    page = Paper(format="A4")
    page.core_fonts_encoding = "windows-1252"
    page.set_title(paper.plain(f"Arbre d'appel, {tree.town}"))
    page.set_lang("fr-FR")
    page.set_auto_page_break(True, margin=16)
    page.set_margins(16, 12, 16)
    page.add_page()
    return page


def make(tree: Tree) -> bytes:
    """Return the pages, made in a child process; blocks. Raises OSError when the child fails."""
    return paper.in_child("gateway.call_tree", asdict(tree))


def of_json(asked: dict[str, Any]) -> Tree:
    """Return what `make` handed over."""
    for part in ("callers", "groups"):
        asked[part] = [
            Listed(one["name"], [Somebody(**each) for each in one["people"]]) for one in asked[part]
        ]
    for case in asked["cases"]:
        case["first"] = [Somebody(**each) for each in case["first"]]
    asked["cases"] = [Case(**case) for case in asked["cases"]]
    return Tree(**asked)


if __name__ == "__main__":
    sys.stdout.buffer.write(as_pdf(of_json(json.load(sys.stdin))))
