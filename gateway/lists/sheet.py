"""A file or a pasted list to rows: CSV in its French dialects, XLSX, vCard, free text.

Every refusal says the mend. Nothing here knows what a column means but to find the row of titles.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from gateway.errors import Refused
from gateway.lists.columns import names_columns
from gateway.lists.values import MOST_COLUMNS, MOST_LINES, MOST_OCTETS, Sheet
from gateway.sentences import fr

#: Titles, logos and dates stand above the table in many an office's sheet.
_MOST_ABOVE: Final = 20
#: A workbook that unpacks to more than this is no list of people (octets).
_MOST_UNPACKED: Final = 300 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_TOO_LONG: Final = fr("Ce fichier dépasse {most} lignes : coupez-le en plusieurs.", most=MOST_LINES)

Row = tuple[int, tuple[str, ...]]


def open_file(data: bytes) -> Sheet:
    """Return the rows of a file, whatever it is; raise `Refused` saying the mend."""
    if len(data) > MOST_OCTETS:
        raise Refused("Ce fichier dépasse 20 Mo : coupez-le en plusieurs.")
    if data.startswith(_OLD_EXCEL):
        raise Refused(
            "C'est un ancien classeur Excel (.xls), ou un classeur protégé par un mot de passe : "
            "dans Excel, choisissez « Enregistrer sous », type « Classeur Excel (.xlsx) »."
        )
    if data.startswith(_ZIP):
        return _xlsx(data)
    text = decoded(data)
    if text.lstrip().upper().startswith("BEGIN:VCARD"):
        return _vcard(text)
    return _titled("csv", _csv_rows(text))


def decoded(data: bytes) -> str:
    """Return the text of a file; raise `Refused` for what is no text at all.

    UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise Refused("Ce fichier n'est pas un fichier CSV : il contient des octets nuls.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _titled(kind: str, rows: Iterable[Row]) -> Sheet:
    """Find the row of titles, in the first lines; a table without one gets numbers for titles."""
    kept = [row for row in islice(rows, MOST_LINES + 2) if any(cell.strip() for cell in row[1])]
    if not kept:
        raise Refused("Ce fichier est vide.")
    if len(kept) > MOST_LINES + 1:
        raise Refused(_TOO_LONG)
    if max(len(cells) for _, cells in kept[:_MOST_ABOVE]) > MOST_COLUMNS:
        raise Refused(
            "Ce fichier a plus de {most} colonnes : gardez celles qui servent.", most=MOST_COLUMNS
        )
    for number, (_, cells) in enumerate(kept[:_MOST_ABOVE]):
        if names_columns(cells):
            return Sheet(kind, cells, tuple(kept[number + 1 :]))
    kept = kept[_top(kept) :]
    first = kept[0][1]
    if _only_words(first):
        return Sheet(kind, first, tuple(kept[1:]))
    titles = tuple(f"Colonne {number}" for number in range(1, len(first) + 1))
    return Sheet(kind, titles, tuple(kept))


def _top(rows: list[Row]) -> int:
    """Return where the table begins: the first row nearly as wide as the widest."""
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in rows[:_MOST_ABOVE]]
    return next(number for number, count in enumerate(filled) if count >= 0.6 * max(filled))


def _only_words(cells: tuple[str, ...]) -> bool:
    """Tell whether a first row looks like titles: words, none of them with a digit or an @."""
    worded = [cell for cell in cells if cell.strip()]
    return all(not re.search(r"\d|@", cell) for cell in worded)


def _csv_rows(text: str) -> Iterator[Row]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    if not first.count(delimiter):  # a title above the table has none: look further down
        delimiter = max(";,\t", key="\n".join(text.splitlines()[:_MOST_ABOVE]).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    began = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(
                "Ligne {began} : guillemet ou cellule sans fin ({error}).", began=began, error=error
            ) from None
        yield began, tuple(cells)
        began = reader.line_num + 1


def _xlsx(data: bytes) -> Sheet:
    import openpyxl

    try:
        _bounded(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [_of_worksheet(page) for page in book.worksheets]
    except Refused:
        raise
    except Exception as error:  # whatever a broken archive makes a library raise
        raise Refused(
            "Ce classeur ne s'ouvre pas : il est abîmé, ou ce n'est pas un classeur. Ouvrez-le "
            "dans Excel ou LibreOffice, enregistrez-le de nouveau, et envoyez ce fichier-là."
        ) from error
    filled = [sheet for sheet in sheets if sheet is not None]
    if not filled:
        raise Refused("Ce fichier est vide.")
    named = [sheet for sheet in filled if names_columns(sheet.titles)]
    return (named or filled)[0]


def _bounded(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
            raise Refused("Ce classeur est démesuré une fois ouvert : gardez une seule feuille.")


def _of_worksheet(page: Any) -> Sheet | None:
    # a file may claim a million empty lines: only what it holds is believed
    page.reset_dimensions()
    rows = (
        (number, tuple(_cell(value) for value in values))
        for number, values in enumerate(page.iter_rows(values_only=True), start=1)
    )
    try:
        return _titled("xlsx", rows)
    except Refused as refusal:
        if refusal.message == "Ce fichier est vide.":
            return None
        raise


def _cell(value: object) -> str:
    """Return a cell's text; a number that is whole loses the decimals a spreadsheet adds."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


_CARD_TITLES: Final = ("Nom", "Prénom", "Téléphone", "Courriel", "Rue ou adresse", "Code postal",
                       "Commune", "Étiquettes", "Nom complet")  # fmt: skip


def _vcard(text: str) -> Sheet:
    import vobject

    rows: list[Row] = []
    # one card at a time: one that cannot be read must not take the others with it
    for number, card in enumerate(re.split(r"(?im)^(?=BEGIN:VCARD\s*$)", text)):
        if not card.strip():
            continue
        if len(rows) > MOST_LINES:
            raise Refused(_TOO_LONG)
        try:
            read = vobject.readOne(card, allowQP=True, ignoreUnreadable=True)
            rows.append((number, _of_card(read)))
        except Exception:  # noqa: BLE001  # the library raises what it meets in bad cards
            rows.append((number, ("", "", *("",) * 7)))
    return Sheet("vcard", _CARD_TITLES, tuple(rows))


def _of_card(card: Any) -> tuple[str, ...]:
    name = getattr(card, "n", None)
    family, given = _joined(name, "family"), _joined(name, "given")
    shown = str(card.fn.value) if hasattr(card, "fn") else ""
    place = getattr(card, "adr", None)
    phones = [str(line.value).removeprefix("tel:") for line in card.contents.get("tel", ())]
    mails = [str(line.value) for line in card.contents.get("email", ())]
    tags = [str(tag) for line in card.contents.get("categories", ()) for tag in line.value]
    return (
        family, given, " / ".join(phones), " ".join(mails), _joined(place, "street"),
        _joined(place, "code"), _joined(place, "city"), ", ".join(tags), "" if family else shown,
    )  # fmt: skip


def _joined(line: Any, part: str) -> str:
    value = getattr(line.value, part, "") if line is not None else ""
    pieces = value if isinstance(value, list) else [value]
    return " ".join(str(piece) for piece in pieces if piece)


_MAIL: Final = re.compile(r"[^\s<>;,|()\"]+@[^\s<>;,|()\"]+\.[^\s<>;,|()\".]{2,}")
_NUMBER: Final = re.compile(r"(?<![\w@])[+(]?\(?\d[\d\s.\-/()\u00a0\u202f]{6,}\d(?![\w@])")
_EDGES: Final = " \t;,|:/\\-–—.<>()\"'•*"


def pasted(text: str) -> Sheet:
    """Return a pasted list: a copied table as such, else a contact for each line with a number."""
    if len(text.encode("utf-8", "replace")) > MOST_OCTETS:
        raise Refused("Ce texte dépasse 20 Mo : coupez-le en plusieurs.")
    lines = text.replace("\0", "").splitlines()
    first = next((line for line in lines if line.strip()), "")
    if re.search(r"[\t;]", first) and names_columns(re.split(r"[\t;]", first)):
        return _titled("csv", _csv_rows("\n".join(lines)))
    rows = [(n, _loose(line)) for n, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise Refused("Collez d'abord une liste : un nom et un numéro par ligne.", "pasted")
    if len(rows) > MOST_LINES:
        raise Refused(_TOO_LONG)
    return Sheet("pasted", ("Nom complet", "Téléphone", "Courriel"), tuple(rows))


def _loose(line: str) -> tuple[str, str, str]:
    name, numbers, mails = found_in(line)
    return name, " / ".join(numbers), " ".join(mails)


def found_in(line: str) -> tuple[str, list[str], list[str]]:
    """Return the name, the numbers and the addresses that a person wrote one after another."""
    mails = _MAIL.findall(line)
    rest = _MAIL.sub(" ", line)
    numbers = _NUMBER.findall(rest)
    rest = _NUMBER.sub(" ", rest)
    name = " ".join(piece.strip(_EDGES) for piece in re.split(r"[\t;|,]", rest))
    name = re.sub(r"\b(tél|tel|téléphone|portable|port|fixe|mobile|mail|courriel)\b\.?", " ", name,
                  flags=re.IGNORECASE)  # fmt: skip
    name = " ".join(name.split()).strip(_EDGES)
    name += ")" * (name.count("(") - name.count(")"))  # « Mme Icher (sa fille) »
    return name, [n.strip() for n in numbers], mails
