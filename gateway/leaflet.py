"""The page that whoever may launch by telephone keeps by the bed: one side of A4. Pure.

Run as a program it makes the PDF from JSON, in a child as `gateway.paper` does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway import paper

#: Scenarios on the page; the list by SMS has them all.
_MOST: Final = 14
#: Numbers on the page.
_MOST_NUMBERS: Final = 8


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What stands on it; ``scenarios``: place in the list, name and word. No PIN, ever."""

    town: str
    name: str
    number: str
    numbers: Sequence[str]
    scenarios: Sequence[tuple[int, str, str]]
    made_on: str
    launcher: bool = True


def steps(sheet: Leaflet) -> list[str]:
    """Return what to do, step by step."""
    first = next((word for _, _, word in sheet.scenarios if word), "LISTE")
    return [
        f"De ce téléphone ({sheet.number}), envoyez le mot du scénario : {first}. Ou bien LISTE.",
        "Tocsin répond « PIN ? » : envoyez votre PIN. Plus vite : le mot et le PIN en un SMS.",
        "Tocsin relit le message, le nombre de personnes et la durée. Lisez-le.",
        "Pour lancer, répondez OUI et le code à 4 chiffres reçu (valable 10 minutes).",
        "Tocsin donne des nouvelles après 5 min, 15 min et à la fin.",
    ]


def by_call() -> list[str]:
    """Return what to do by voice."""
    return [
        "Appelez l'un des numéros. Tapez votre PIN, puis dièse.",
        "Choisissez le scénario par sa touche, écoutez la relecture.",
        "Tapez le code à 4 chiffres que la voix dit. « L'alerte part » : c'est fait.",
    ]


WORDS: Final = (
    ("ETAT", "où en est l'alerte, ou si Tocsin va bien"),
    ("ANNULE", "arrêter l'alerte en cours (un code est demandé)"),
    ("LEVE 06…", "débloquer le téléphone d'un autre responsable, avec votre PIN"),
)
TROUBLE: Final = (
    "Pas de réponse en 2 minutes : envoyez le même SMS à un autre numéro, ou appelez.",
    "3 PIN faux : attendez 15 minutes, ou qu'un autre responsable vous débloque.",
    "Code refusé ou trop vieux : recommencez au premier point. Rien n'est parti.",
    "Rien ne marche : sirène, porte-à-porte, voisins. En danger : 18 ou 112.",
)


def as_pdf(sheet: Leaflet) -> bytes:
    """Return the page as a PDF."""
    page = paper.one_side(f"Fiche réflexe, {sheet.town}", (16, 12, 16))
    for text, kind in _lines(sheet):
        if kind == "head":
            page.ln(2.5)
            paper.line(page, text, 13, "B", 7)
        else:
            paper.line(page, text, *_STYLES[kind])
    return bytes(page.output())


#: Size in points, style, height of a line in millimetres.
_STYLES: Final[dict[str, tuple[float, str, float]]] = {
    "title": (20, "B", 10), "numbers": (16, "B", 8), "text": (11, "", 5.4), "small": (9, "", 4.6),
}  # fmt: skip


def _lines(sheet: Leaflet) -> list[tuple[str, str]]:
    """Return each line of the page, and how it is set."""
    numbers = "   ".join(sheet.numbers[:_MOST_NUMBERS]) or "Numéros : demandez-les à la mairie"
    found = [
        (f"Fiche réflexe – {sheet.town}", "title"),
        (f"Lancer une alerte sans ordinateur. Pour : {sheet.name}.", "text"),
        ("Numéros de Tocsin (SMS et appels)", "head"), (numbers, "numbers"),
    ]  # fmt: skip
    if sheet.launcher:
        found += _section("Par SMS", [f"{n}. {text}" for n, text in enumerate(steps(sheet), 1)])
        found += _section("Par appel", [f"{n}. {text}" for n, text in enumerate(by_call(), 1)])
        found += _section("Scénarios", [_scenario(*one) for one in sheet.scenarios[:_MOST]])
    found += _section("Autres mots, par SMS", [f"{word} : {what}" for word, what in _words(sheet)])
    if sheet.launcher:
        found += _section("Si cela ne marche pas", [f"- {text}" for text in TROUBLE])
    last = "Le PIN n'est pas sur cette feuille : ne l'y écrivez pas."
    return [*found, ("", "small"), (f"{last} Fiche du {sheet.made_on}.", "small")]


def _words(sheet: Leaflet) -> Sequence[tuple[str, str]]:
    return WORDS if sheet.launcher else (("ETAT", "si Tocsin va bien"),)


def _section(title: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(title, "head"), *((text, "text") for text in texts)]


def _scenario(place: int, name: str, word: str) -> str:
    shown = name if len(name) <= 60 else f"{name[:57]}…"
    return f"{word or f'ALERTE {place}'} : {shown}" + (f" (numéro {place})" if word else "")


def make(sheet: Leaflet) -> bytes:
    """Return the page, made in a child process; blocks. Raises OSError when the child fails."""
    return paper.in_child("gateway.leaflet", asdict(sheet))


def _child() -> None:
    asked: dict[str, Any] = json.load(sys.stdin)
    sys.stdout.buffer.write(as_pdf(Leaflet(**asked)))


if __name__ == "__main__":
    _child()
