"""A contact list as Excel in France writes it, read line by line: good lines kept, bad ones told.

Pure: bytes in, lines and problems out. What becomes of them in the database is
`gateway.services.directory`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.model import Line

#: A list longer than this is a mistake, or wants to be cut into several.
MOST_LINES: Final = 50_000
MOST_OCTETS: Final = 20 * 1024 * 1024

#: Column titles as they are met, without accents or case, and what they hold.
_TITLES: Final[Mapping[str, str]] = {
    "nom": "name", "nom de famille": "name", "name": "name", "foyer": "name",
    "nom usuel": "name", "contact": "name",
    "prenom": "given_name", "prenoms": "given_name", "civilite": "honorific", "titre": "honorific",
    "n": "number", "no": "number", "numero de voie": "number", "numero rue": "number",
    "rue": "street", "voie": "street", "adresse": "street", "adresse postale": "street",
    "complement": "complement", "complement d'adresse": "complement", "etage": "floor",
    "cp": "postcode", "code postal": "postcode", "ville": "city", "commune": "city",
    "quartier": "zone", "zone": "zone", "secteur": "zone", "remarque": "note",
    "remarques": "note", "note": "note", "observations": "note",
    "groupe": "groups", "groupes": "groups", "liste": "groups", "listes": "groups",
}  # fmt: skip
_PHONE: Final = re.compile(r"(tel|telephone|portable|mobile|fixe|gsm|domicile|bureau)\b")
_MAIL: Final = re.compile(r"(e-?mail|mail|courriel|mel|adresse e-?mail|adresse mail)\b")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line, or with one cell of it, and what to do; ``line`` counts from 1."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to reach the contact of a line."""

    line: Line
    address: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One good line."""

    line: int
    name: str
    given_name: str
    details: dict[str, str]
    endpoints: tuple[Endpoint, ...]
    groups: tuple[str, ...]


@dataclass(slots=True)
class Reading:
    """A whole file as read."""

    lines: list[ImportLine] = field(default_factory=list)
    refused: list[LineProblem] = field(default_factory=list)
    warnings: list[LineProblem] = field(default_factory=list)


def decoded(data: bytes) -> str:
    """Return the text of a file; raise `Refused` for what is no text at all.

    UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refused(
            "C'est un classeur Excel : dans Excel, choisissez « Enregistrer sous », "
            "type « CSV (séparateur : point-virgule) », et envoyez ce fichier-là."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise Refused("Ce fichier n'est pas un fichier CSV : il contient des octets nuls.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read(data: bytes) -> Reading:
    """Read a file; raise `Refused` when no line of it can be used, saying the mend."""
    if len(data) > MOST_OCTETS:
        raise Refused("Ce fichier dépasse 20 Mo : coupez-le en plusieurs.")
    text = decoded(data)
    rows = _rows(text)
    header = next(rows, None)
    if header is None or not any(header[1]):
        raise Refused("Ce fichier est vide.")
    columns = _columns(header[1])
    reading = Reading()
    for number, cells in rows:
        if number > MOST_LINES:
            raise Refused(f"Ce fichier dépasse {MOST_LINES} lignes : coupez-le en plusieurs.")
        if any(cell.strip() for cell in cells):
            _read_line(number, cells, columns, reading)
    return reading


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    began = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(f"Ligne {began} : guillemet ou cellule sans fin ({error}).") from None
        yield began, cells
        began = reader.line_num + 1


def _plain(title: str) -> str:
    decomposed = unicodedata.normalize("NFKD", title.replace("’", "'").replace("°", ""))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip().casefold()


def _columns(titles: list[str]) -> list[str]:
    columns = [_column(_plain(title)) for title in titles]
    if "name" not in columns:
        raise Refused(
            "La première ligne doit nommer les colonnes, dont une « Nom ». Colonnes trouvées : "
            + ", ".join(title.strip() or "(vide)" for title in titles[:12])
        )
    if not {"phone", "mail"} & set(columns):
        raise Refused("Aucune colonne de téléphone ni de courriel : ajoutez « Téléphone ».")
    return columns


def _column(title: str) -> str:
    if title in _TITLES:
        return _TITLES[title]
    if _MAIL.match(title):
        return "mail"
    return "phone" if _PHONE.search(title) else ""


def _read_line(number: int, cells: list[str], columns: list[str], reading: Reading) -> None:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        reading.refused.append(
            LineProblem(number, "", f"{len(cells)} cellules pour {len(columns)} colonnes : un "
                        "point-virgule de trop, ou un texte à mettre entre guillemets")
        )  # fmt: skip
        return
    found: dict[str, list[str]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column and cell.strip():
            found.setdefault(column, []).append(" ".join(cell.split()))
    name = " ".join(found.get("name", []))
    if not name:
        reading.refused.append(LineProblem(number, "Nom", "le nom manque : complétez la ligne"))
        return
    endpoints, problems = _endpoints(number, found)
    if problems and not endpoints:
        reading.refused.extend(problems)
        return
    reading.warnings.extend(problems)
    reading.warnings.extend(
        LineProblem(number, phone.shown(e.address), e.warning) for e in endpoints if e.warning
    )
    if not endpoints:
        reading.warnings.append(LineProblem(number, "", "ni téléphone ni courriel : injoignable"))
    details = {k: " ".join(v) for k, v in found.items() if k not in _NOT_DETAILS}
    given = " ".join(found.get("given_name", []))
    reading.lines.append(ImportLine(number, name, given, details, tuple(endpoints), _groups(found)))


#: A comma parts two numbers, unless it begins the decimals a spreadsheet added.
_BETWEEN_NUMBERS: Final = r"\s*[/;|]\s*|\s+ou\s+|,\s+|,(?=0\d\d|0\d[ .]\d|\+)"
_NOT_DETAILS: Final = frozenset({"name", "given_name", "phone", "mail", "groups"})


def _endpoints(
    number: int, found: dict[str, list[str]]
) -> tuple[list[Endpoint], list[LineProblem]]:
    endpoints: list[Endpoint] = []
    problems: list[LineProblem] = []
    for cell in _split(found.get("phone", ()), _BETWEEN_NUMBERS):
        try:
            endpoints.append(_telephone(cell))
        except Refused as error:
            problems.append(LineProblem(number, "Téléphone", error.message))
    for cell in _split(found.get("mail", ()), r"[\s;,|]+"):
        try:
            endpoints.append(Endpoint(Line.EMAIL, phone.parse_mail(cell)))
        except Refused as error:
            problems.append(LineProblem(number, "Courriel", error.message))
    unique = {endpoint.address: endpoint for endpoint in reversed(endpoints)}
    return [unique[address] for address in dict.fromkeys(e.address for e in endpoints)], problems


def _split(cells: list[str] | tuple[()], separators: str) -> list[str]:
    return [piece for cell in cells for piece in re.split(separators, cell) if piece.strip()]


def _telephone(cell: str) -> Endpoint:
    if re.fullmatch(r"\d(,\d+)?E\+\d+", cell, re.IGNORECASE):
        raise Refused(
            f"« {cell} » : Excel a abîmé ce numéro. Mettez la colonne au format Texte, "
            "puis ressaisissez-le."
        )
    number = phone.parse(re.sub(r",0+$", "", cell))
    return Endpoint(number.line, number.e164, number.warning)


def _groups(found: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_split(found.get("groups", ()), r"\s*[,;|]\s*")))
