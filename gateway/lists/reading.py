"""The rows of a list, with the meaning of their columns, to contacts: good lines kept, bad told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.french import folded
from gateway.lists import columns as known_columns
from gateway.lists.columns import DETAILS, HOLDS
from gateway.lists.names import names_of
from gateway.lists.sheet import ONE_NUMBER, found_in
from gateway.lists.values import Endpoint, ImportLine, LineProblem, Reading, Referent, Sheet
from gateway.model import Line
from gateway.sentences import fr

#: A comma parts two numbers, unless it begins the decimals a spreadsheet added.
_BETWEEN_NUMBERS: Final = re.compile(r"\s*[/;|]\s*|\s+(?:ou|et)\s+|,\s+|,(?=0\d\d|0\d[ .]\d|\+)")
#: A cell of nothing but numbers.
_NUMBERS: Final = re.compile(
    rf"{ONE_NUMBER}(?:(?:[\s/;|,&.–-]|et|ou)+{ONE_NUMBER})*",
    re.IGNORECASE,
)
_EACH_NUMBER: Final = re.compile(ONE_NUMBER)
_NUMBER_AND_MORE: Final = re.compile(rf"({ONE_NUMBER})\s*[–&-]\s*")
_BETWEEN_MAILS: Final = re.compile(r"[\s;,|]+")
#: What Excel makes of a number: 6,39E+08, or one with decimals.
_IN_POWERS: Final = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
_DECIMALS: Final = re.compile(r"[.,]0+$")
#: « 12 bis, rue du Port »: the sheet of those to warn at their door goes by street and number.
_NUMBERED: Final = re.compile(
    r"(?P<number>\d{1,4}(?:\s?(?:bis|ter|quater|[a-dA-D])\b)?)\s*,?\s+"
    r"(?!(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre"
    r"|d[ée]cembre)\b)(?P<street>[^\d\s].*)",  # « 8 mai 1945 » is a place, not a house
    re.IGNORECASE,
)
_LANGUAGES: Final = {"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "anglais": "en",
                     "english": "en", "anglaise": "en"}  # fmt: skip
_YES: Final = frozenset({"oui", "o", "x", "1", "vrai", "yes", "true"})
_POSTCODE: Final = re.compile(r"[0-9]{5}")
_LOST_ZERO: Final = re.compile(r"[1-9][0-9]{3}")
_LONGEST: Final = 300
_MOST_ENDPOINTS: Final = 20

Found = dict[str, list[str]]


def read(sheet: Sheet, columns: Sequence[str]) -> Reading:
    """Return every line read; raise `Refused` when the columns make no contact at all."""
    known_columns.check(sheet, columns)
    reading = Reading([], [*sheet.left], [*sheet.remarks])
    for number, cells in sheet.rows:
        _read_line(number, cells, columns, reading, may_lack_name=sheet.kind != "csv")
    return reading


def _read_line(
    number: int, cells: Sequence[str], columns: Sequence[str], reading: Reading, *,
    may_lack_name: bool,
) -> None:  # fmt: skip
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        reading.refused.append(
            LineProblem(
                number,
                "",
                fr(
                    "{cells} cellules pour {columns} colonnes : un point-virgule de trop, ou un "
                    "texte à mettre entre guillemets",
                    cells=len(cells),
                    columns=len(columns),
                ),
            )
        )
        return
    found: Found = {}
    for column, cell in zip(columns, cells, strict=False):
        if column and cell.strip():
            found.setdefault(column, []).append(_plain(_one_a_line(cell, column)))
    reading.warnings.extend(_cut(number, cells, columns))
    endpoints, problems = _endpoints(
        number, found.get("phone", ()), found.get("mail", ()), fr("Téléphone"), fr("Courriel")
    )
    name, given = _name(found)
    if not name and may_lack_name and endpoints:
        name = phone.shown(endpoints[0].address)
    if not name:
        reading.refused.append(
            LineProblem(number, fr("Nom"), fr("le nom manque : complétez la ligne"))
        )
        return
    if problems and not endpoints:
        reading.refused.extend(problems)
        return
    reading.warnings.extend(problems)
    _warn(number, endpoints, reading)
    details = _details(found)
    reading.warnings.extend(_postcode(number, details))
    reading.lines.append(
        ImportLine(
            number, name, given, details, tuple(endpoints), _several(found, "groups"),
            _several(found, "tags"), _referent(number, found, reading),
        )
    )  # fmt: skip


def _cut(number: int, cells: Sequence[str], columns: Sequence[str]) -> list[LineProblem]:
    """Say which cells are too long to be kept whole."""
    said = fr("trop long : seuls les {most} premiers caractères sont repris", most=_LONGEST)
    return [
        LineProblem(number, known_columns.HOLDS[column], said)
        for column, cell in zip(columns, cells, strict=False)
        if column and len(cell) > _LONGEST < len(" ".join(cell.split()))
    ]


def _one_a_line(cell: str, column: str) -> str:
    """Return a cell of numbers with strokes for its line breaks: they part, as in the eye."""
    return " / ".join(cell.splitlines()) if column in {"phone", "referent"} else cell


def _plain(cell: str) -> str:
    """Return a cell in one line; the quote that keeps a spreadsheet from counting is not its."""
    text = " ".join(cell.split())[:_LONGEST]
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@") else text


def _warn(number: int, endpoints: Sequence[Endpoint], reading: Reading) -> None:
    reading.warnings.extend(
        LineProblem(number, phone.shown(e.address), e.warning) for e in endpoints if e.warning
    )
    if not endpoints:
        reading.warnings.append(
            LineProblem(number, "", fr("ni téléphone ni courriel : injoignable"))
        )


def _name(found: Found) -> tuple[str, str]:
    """Return family and given name; a whole name in one cell stays whole, as it is spoken."""
    name, given = " ".join(found.get("name", ())), " ".join(found.get("given_name", ()))
    if name:
        return name, given
    return " ".join(found.get("full_name", ())), ""


def _details(found: Found) -> dict[str, str]:
    details = {key: " ".join(found[key]) for key in DETAILS if key in found}
    match = _NUMBERED.fullmatch(details.get("street", "")) if "number" not in details else None
    if match:
        details["number"], details["street"] = match["number"], match["street"]
    if "language" in details:
        details["language"] = _LANGUAGES.get(folded(details["language"]), "fr")
    if "help_first" in details:
        details["help_first"] = "1" if folded(details["help_first"]) in _YES else ""
    return {key: value for key, value in details.items() if value}


def _postcode(number: int, details: dict[str, str]) -> list[LineProblem]:
    """Mend the postcode among details, or take it out: a card is not saved with one that is none.

    Return what to look at.
    """
    written = details.pop("postcode", "")
    code = _DECIMALS.sub("", written).replace(" ", "")
    title = HOLDS["postcode"]
    if not written or _POSTCODE.fullmatch(code):
        details.update({"postcode": code} if code else {})
        return []
    if not _LOST_ZERO.fullmatch(code):
        said = fr("« {code} » : un code postal a cinq chiffres, celui-ci n'est pas repris",
                  code=written)  # fmt: skip
        return [LineProblem(number, title, said)]
    details["postcode"] = f"0{code}"
    said = fr("« {code} » : le zéro du début manquait, Tocsin l'a remis", code=written)
    return [LineProblem(number, title, said)]


def _endpoints(
    number: int, phones: Sequence[str], mails: Sequence[str], of_phone: str, of_mail: str
) -> tuple[list[Endpoint], list[LineProblem]]:
    """Return what these cells hold, each once, and what is wrong, under the names of the fields."""
    endpoints: list[Endpoint] = []
    problems: list[LineProblem] = []
    for cell in _numbers(phones):
        try:
            endpoints.append(_telephone(cell))
        except Refused as error:
            problems.append(LineProblem(number, of_phone, error.message))
    for cell in _split(mails, _BETWEEN_MAILS):
        try:
            endpoints.append(Endpoint(Line.EMAIL, phone.parse_mail(cell)))
        except Refused as error:
            problems.append(LineProblem(number, of_mail, error.message))
    unique = {endpoint.address: endpoint for endpoint in reversed(endpoints)}
    ordered = [unique[address] for address in dict.fromkeys(e.address for e in endpoints)]
    return ordered[:_MOST_ENDPOINTS], problems


def _referent(number: int, found: Found, reading: Reading) -> Referent | None:
    """Return who is to be warned for the person; what is wrong with them never costs the person.

    Registers write a name and its number in one cell as often as in two.
    """
    if "referent_name" not in found and "referent" not in found:
        return None
    names, phones, mails = [], [], []
    for cell in found.get("referent_name", ()):
        name, numbers, addresses = found_in(cell)
        names.append(name if numbers or addresses else cell)
        phones += numbers
        mails += addresses
    for cell in _numbers(found.get("referent", ())):
        mails += [word for word in _split([cell], _BETWEEN_MAILS) if "@" in word]
        phones.append(" ".join(word for word in cell.split() if "@" not in word))
    title = HOLDS["referent"]
    ways, problems = _endpoints(number, phones, mails, title, title)
    reading.warnings.extend(problems)
    reading.warnings.extend(LineProblem(number, title, e.warning) for e in ways if e.warning)
    name = " ".join(filter(None, names))
    if problems and not ways:
        return None  # its mend is told already
    return Referent(name, tuple(ways)) if name or ways else None


def _split(cells: Sequence[str], separators: re.Pattern[str]) -> list[str]:
    return [piece for cell in cells for piece in separators.split(cell) if piece.strip()]


def _numbers(cells: Sequence[str]) -> list[str]:
    """Return the numbers that stand in cells, good or bad, each as it is written."""
    pieces: list[str] = []
    for cell in cells:
        whole = _NUMBERS.fullmatch(cell.strip())
        parted = _NUMBER_AND_MORE.sub(r"\1 / ", cell)
        pieces += _EACH_NUMBER.findall(cell) if whole else _split([parted], _BETWEEN_NUMBERS)
    return [piece.replace("–", "-") for piece in pieces]


def _telephone(cell: str) -> Endpoint:
    if _IN_POWERS.fullmatch(cell):
        raise Refused(
            "« {cell} » : Excel a abîmé ce numéro. Mettez la colonne au format Texte, puis "
            "ressaisissez-le.",
            cell=cell,
        )
    number = phone.parse(_DECIMALS.sub("", cell))
    return Endpoint(number.line, number.e164, number.warning)


def _several(found: Found, key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for cell in found.get(key, ()) for name in names_of(cell)))
