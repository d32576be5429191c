"""What each column of a list holds: proposed by its title, else by what stands in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.errors import Refused
from gateway.french import folded
from gateway.lists.referent_titles import About, names_no_way, of_referent, of_referents
from gateway.lists.values import Sheet
from gateway.sentences import fr, fr_all, listed

#: What a column can hold, with the words a secretary chooses from; the first is *nothing*.
HOLDS: Final[Mapping[str, str]] = fr_all({
    "": "(ne pas reprendre)", "name": "Nom", "given_name": "Prénom", "full_name": "Nom complet",
    "honorific": "Civilité", "phone": "Téléphone", "mail": "Courriel",
    "number": "Numéro dans la rue", "street": "Rue ou adresse", "complement": "Complément",
    "floor": "Étage", "postcode": "Code postal", "city": "Commune", "zone": "Quartier",
    "groups": "Groupes", "tags": "Étiquettes", "language": "Langue",
    "help_first": "À aider en premier", "note": "Note pour les secours",
    "referent_name": "Référent : nom", "referent": "Référent : téléphone ou courriel",
})  # fmt: skip
#: Those of them that are columns of a contact.
DETAILS: Final = ("honorific", "number", "street", "complement", "floor", "postcode", "city",
                  "zone", "note", "language", "help_first")  # fmt: skip

#: Column titles as they are met, folded, and what they hold.
_TITLES: Final[Mapping[str, str]] = {
    "nom": "name", "nom de famille": "name", "name": "name", "foyer": "name", "last name": "name",
    "nom usuel": "name", "contact": "name", "nom de naissance": "", "family name": "name",
    "nom complet": "full_name", "nom et prenom": "full_name", "nom prenom": "full_name",
    "prenom et nom": "full_name", "nom affiche": "full_name", "raison sociale": "name",
    "prenom": "given_name", "prenoms": "given_name", "first name": "given_name",
    "given name": "given_name", "civilite": "honorific", "titre": "honorific",
    "n": "number", "no": "number", "numero": "number", "numero de voie": "number",
    "numero rue": "number", "n de voie": "number", "n rue": "number",
    "rue": "street", "voie": "street", "adresse": "street", "adresse postale": "street",
    "libelle de voie": "street", "nom de voie": "street", "adresse 1": "street",
    "complement": "complement", "complement d'adresse": "complement", "adresse 2": "complement",
    "etage": "floor", "cp": "postcode", "code postal": "postcode", "ville": "city",
    "commune": "city", "localite": "city", "quartier": "zone", "zone": "zone", "secteur": "zone",
    "remarque": "note", "remarques": "note", "note": "note", "notes": "note",
    "obs": "note", "observation": "note", "observations": "note", "commentaire": "note",
    "commentaires": "note", "note pour les secours": "note",
    "groupe": "groups", "groupes": "groups", "liste": "groups", "listes": "groups",
    "etiquette": "tags", "etiquettes": "tags", "categorie": "tags", "categories": "tags",
    "langue": "language", "a aider en premier": "help_first", "vulnerable": "help_first",
    "prioritaire": "help_first",
    **{folded(label): held for held, label in HOLDS.items() if held},  # what we write ourselves
}  # fmt: skip
_PHONE: Final = re.compile(r"(tel|telephone|portable|mobile|fixe|gsm|domicile|bureau|phone)s?\b")
_MAIL: Final = re.compile(r"(e-?mail|mail|courriel|mel|adresse e-?mail|adresse mail)\b")
_A_PHONE: Final = re.compile(r"[+(]?\d[\d\s./()\-]{7,}\d([,.]0+)?")
_A_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: A column whose cells are so often numbers or addresses is a column of those.
_MOSTLY: Final = 0.6
_SAMPLE: Final = 40


def by_title(title: str) -> str:
    """Return what a column of this title holds; empty where the title says nothing to us."""
    plain = folded(title.replace("°", "").replace("_", " ").replace("º", "")).strip(" .:*")
    if plain in _TITLES:
        return _TITLES[plain]
    about = of_referent(title)
    if about is not None:
        return "" if about is About.SECOND else about
    if _MAIL.match(plain):
        return "mail"
    return "phone" if _PHONE.search(plain) else ""


def way_in(cell: str) -> bool:
    """Tell whether a cell is a telephone number or an address, and nothing else; a date is not."""
    digits = sum(char.isdigit() for char in cell)
    return bool(_A_MAIL.fullmatch(cell) or (digits > 8 and _A_PHONE.fullmatch(cell)))


def names_columns(cells: Sequence[str]) -> bool:
    """Tell whether a row can be the one that names the columns."""
    found = {by_title(cell) for cell in cells}
    return bool(found & {"name", "full_name", "given_name"}) and bool(found & {"phone", "mail"})


def propose(sheet: Sheet) -> tuple[str, ...]:
    """Return what each column holds, as far as can be told."""
    about = of_referents(sheet.titles)
    found = [
        _held(sheet, number, title, about[number]) for number, title in enumerate(sheet.titles)
    ]
    _beside_names(sheet.titles, about, found)
    if not {"name", "full_name"} & set(found):
        _name_by_elimination(sheet, about, found)
    return tuple(found)


def _held(sheet: Sheet, number: int, title: str, about: About | None) -> str:
    if about is None:
        return by_title(title) or _by_content(sheet, number)
    if about is About.NAME and _by_content(sheet, number):
        return About.WAY  # « Contact d'urgence » with nothing but a number in it
    return "" if about is About.SECOND else about


def _beside_names(titles: Sequence[str], about: Sequence[About | None], found: list[str]) -> None:
    """Take a bare « Téléphone » beside « Personne à prévenir » for theirs, not the person's.

    Where the person has one of their own before it; in any case where it has no title, as under
    one that goes over two columns.
    """
    whose: str | None = None  # what such a column holds; None: it is the person's
    for number, (title, spoken) in enumerate(zip(titles, about, strict=True)):
        if spoken in {About.NAME, About.SECOND}:
            open_ended = found[number] != About.WAY and names_no_way(title)
            whose = (About.WAY if spoken is About.NAME else "") if open_ended else None
        elif spoken is None and found[number] not in {"phone", "mail"}:
            whose = None
        elif (
            spoken is None
            and whose is not None
            and (not title.strip() or found[number] in found[:number])
        ):
            found[number] = whose


def _cells(sheet: Sheet, number: int) -> list[str]:
    sample = (cells[number].strip() for _, cells in sheet.rows[:_SAMPLE] if number < len(cells))
    return [cell for cell in sample if cell]


def _by_content(sheet: Sheet, number: int) -> str:
    cells = _cells(sheet, number)
    for held, pattern in (("mail", _A_MAIL), ("phone", _A_PHONE)):
        if cells and sum(bool(pattern.fullmatch(cell)) for cell in cells) >= _MOSTLY * len(cells):
            return held
    return ""


def _name_by_elimination(sheet: Sheet, about: Sequence[About | None], found: list[str]) -> None:
    """Take the first column of letters that is nothing else for the name."""
    for number, held in enumerate(found):
        cells = _cells(sheet, number)
        worded = sum(any(char.isalpha() for char in cell) for cell in cells)
        if not held and about[number] is None and cells and worded >= _MOSTLY * len(cells):
            found[number] = "full_name"
            return


def check(sheet: Sheet, columns: Sequence[str]) -> None:
    """Raise `Refused`, with the mend, where no contact can come of these columns."""
    if len(columns) != len(sheet.titles) or any(held not in HOLDS for held in columns):
        raise Refused("Le choix des colonnes ne va pas avec ce fichier : choisissez de nouveau.")
    if not {"name", "full_name"} & set(columns):
        raise Refused(
            "La première ligne doit nommer les colonnes, dont une « Nom ». Colonnes trouvées : "
            "{found}",
            "columns",
            found=listed(", ", (title.strip() or fr("(vide)") for title in sheet.titles[:12])),
        )
    if not {"phone", "mail"} & set(columns):
        raise Refused(
            "Aucune colonne de téléphone ni de courriel : ajoutez « Téléphone ».", "columns"
        )


def recalled(
    titles: Sequence[str], chosen: Sequence[str], proposed: Sequence[str]
) -> tuple[str, ...]:
    """Return what columns of these titles held the last time (``chosen``).

    But for a referent's that were taken for the person's own telephone, as they were proposed
    before there was another choice.
    """
    return tuple(
        now if about is not None and last in {"phone", "mail"} else last
        for about, last, now in zip(of_referents(titles), chosen, proposed, strict=True)
    )


def signature(titles: Sequence[str]) -> str:
    """Return what two files with the same columns share, to remember the choice under."""
    return "\x1f".join(folded(title) for title in titles)
