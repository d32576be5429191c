"""A file or a pasted list to rows: CSV in its French dialects, XLSX, vCard, free text.

Every refusal says the mend. Nothing here knows what a column means but to find the row of titles.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from gateway.errors import Refused
from gateway.lists.columns import by_title, names_columns, way_in
from gateway.lists.names import in_a_cell
from gateway.lists.values import MOST_COLUMNS, MOST_LINES, MOST_OCTETS, LineProblem, Sheet
from gateway.sentences import fr, listed
from gateway.visible import visible

#: Titles, logos and dates stand above the table in many an office's sheet.
_MOST_ABOVE: Final = 20
#: A workbook that unpacks to more than this is no list of people (octets).
_MOST_UNPACKED: Final = 300 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
#: How a PDF begins, and a photograph: what people take for their list, and a short one has no zero.
_NO_LISTS: Final = (b"%PDF-", b"\xff\xd8\xff")
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_TOO_LONG: Final = fr("Ce fichier dépasse {most} lignes : coupez-le en plusieurs.", most=MOST_LINES)

Row = tuple[int, tuple[str, ...]]
#: A name, numbers and mail addresses, as they stand in a text.
Found = tuple[str, list[str], list[str]]


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
        return _seen(_xlsx(data))
    text = visible(decoded(data))
    if text.lstrip().upper().startswith("BEGIN:VCARD"):
        return _seen(_vcard(text))
    return _titled("csv", _csv_rows(text))


def _seen(sheet: Sheet) -> Sheet:
    """Return a sheet without what cannot be seen in its cells: some stand there as escapes."""
    return replace(
        sheet,
        titles=tuple(map(visible, sheet.titles)),
        rows=tuple((number, tuple(map(visible, cells))) for number, cells in sheet.rows),
    )


def decoded(data: bytes) -> str:
    """Return the text of a file; raise `Refused` for what is no text at all.

    UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data or data.startswith(_NO_LISTS):
        raise Refused(
            "Ce fichier n'est pas une liste : c'est plutôt une image, un PDF ou un programme. "
            "Choisissez un classeur Excel, un fichier CSV ou un carnet vCard."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _titled(kind: str, rows: Iterable[Row]) -> Sheet:
    """Find the row of titles, in the first lines; a table without one gets numbers for titles."""
    filled = (row for row in rows if any(cell.strip() for cell in row[1]))
    kept = list(islice(filled, MOST_LINES + 2))
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
            above = tuple(_above(line) for line, above in kept[:number] if _somebody(above))
            return Sheet(kind, cells, tuple(kept[number + 1 :]), above)
    kept = kept[_top(kept) :]
    number, first = kept[0]
    if _only_words(first):
        return Sheet(kind, first, tuple(kept[1:]), (), _untitled(number, first))
    titles = tuple(f"Colonne {number}" for number in range(1, len(first) + 1))
    return Sheet(kind, titles, tuple(kept))


def _top(rows: list[Row]) -> int:
    """Return where the table begins: the first row nearly as wide as the widest, or somebody's."""
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in rows[:_MOST_ABOVE]]
    return next(
        number
        for number, count in enumerate(filled)
        if count >= 0.6 * max(filled) or _somebody(rows[number][1])
    )


def _somebody(cells: tuple[str, ...]) -> bool:
    """Tell whether a row is a person's, not a letterhead's: two cells, one a way to reach them."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and any(way_in(cell) for cell in filled)


def _above(line: int) -> LineProblem:
    return LineProblem(
        line, "", fr("au-dessus de la ligne des titres, donc pas lue : mettez-la au-dessous")
    )


def _untitled(line: int, cells: tuple[str, ...]) -> tuple[LineProblem, ...]:
    """Say which row was taken for the titles where none of its words is a title we know."""
    if any(by_title(cell) for cell in cells):
        return ()
    said = fr(
        "prise pour la ligne des titres : si c'est une personne, ajoutez au-dessus une ligne de "
        "titres (« Nom », « Téléphone »…)"
    )
    return (LineProblem(line, "", said),)


def _only_words(cells: tuple[str, ...]) -> bool:
    """Tell whether a first row looks like titles: words, none of them with a digit or an @."""
    worded = [cell for cell in cells if cell.strip()]
    return all(not re.search(r"\d|@", cell) for cell in worded)


def _csv_rows(text: str) -> Iterator[Row]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    if not first.count(delimiter):  # a title above the table has none: look further down
        delimiter = max(";,\t", key="\n".join(text.splitlines()[:_MOST_ABOVE]).count)
    width = first.count(delimiter) + 1
    # strict: else a quote that is never closed takes everybody after it for one cell
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    began = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refused(
                "Ligne {began} : un guillemet (\") s'y ouvre et ne se ferme pas, ou se ferme avant "
                "la fin de sa cellule. Retirez-le, et envoyez de nouveau le fichier.",
                began=began,
            ) from None
        last = reader.line_num
        if last > began and any(_swallowed(cell, delimiter, width) for cell in cells):
            raise Refused(
                "Ligne {began} : un guillemet (\") s'y ouvre et ne se ferme qu'à la ligne {last} : "
                "ce qui est entre les deux serait pris pour une seule cellule. Retirez-le ; si "
                "cette cellule a vraiment plusieurs lignes, mettez-les sur une seule.",
                began=began,
                last=last,
            )
        yield began, tuple(cells)
        began = last + 1


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    """Tell whether a cell of several lines holds a row, which two stray quotes have swallowed.

    An address in two lines may well have as many commas as the table, but no telephone between.
    """
    lines = cell.splitlines()
    rows = [line.split(delimiter) for line in lines if delimiter in line] if len(lines) > 1 else []
    return any(
        any(way_in(piece.strip()) for piece in row) or (delimiter != "," and len(row) >= width)
        for row in rows
    )


def _xlsx(data: bytes) -> Sheet:
    import openpyxl

    try:
        _bounded(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {page.title: _of_worksheet(page) for page in book.worksheets}
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a broken archive makes a library raise
        raise Refused(
            "Ce classeur ne s'ouvre pas : il est abîmé, ou ce n'est pas un classeur. Ouvrez-le "
            "dans Excel ou LibreOffice, enregistrez-le de nouveau, et envoyez ce fichier-là."
        ) from error
    filled = {title: sheet for title, sheet in sheets.items() if sheet is not None}
    if not filled:
        raise Refused("Ce fichier est vide.")
    named = {title: sheet for title, sheet in filled.items() if names_columns(sheet.titles)}
    read = next(iter(named or filled))
    others = [title for title, sheet in filled.items() if title != read and _people_in(sheet)]
    return replace(filled[read], remarks=filled[read].remarks + _unread(read, others))


def _people_in(sheet: Sheet) -> bool:
    return any(_somebody(cells) for _, cells in sheet.rows)


def _unread(read: str, others: list[str]) -> tuple[LineProblem, ...]:
    """Say which other pages of a workbook hold people too."""
    if not others:
        return ()
    said = fr(
        "seule la feuille « {read} » est lue ; il y a aussi des personnes dans : {others}. "
        "Enregistrez chacune dans un fichier à elle, et importez-le aussi",
        read=read,
        others=listed(", ", others),
    )
    return (LineProblem(1, fr("Classeur"), said),)


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


_BEGINS: Final = re.compile(r"(?im)^[ \t]*(?=BEGIN:VCARD\s*$)")
_ENDS: Final = re.compile(r"(?im)^[ \t]*END:VCARD\s*$")
#: Two files put end to end, the first without a last line break.
_ONE_LINE: Final = re.compile(r"(?i)(END:VCARD)[ \t]*(?=BEGIN:VCARD)")
_CUT_CARD: Final = fr(
    "cette carte (vCard) s'arrête avant sa fin, le fichier a été coupé : exportez-le de nouveau"
)
_BAD_CARD: Final = fr(
    "cette carte (vCard) ne se lit pas : exportez-la de nouveau, ou saisissez la personne"
)


def _vcard(text: str) -> Sheet:
    import vobject

    rows: list[Row] = []
    left: list[LineProblem] = []
    # one card at a time: one that cannot be read must not take the others with it
    for number, card in enumerate(_BEGINS.split(_ONE_LINE.sub("\\1\n", text))):
        if not card.strip():
            continue
        if len(rows) > MOST_LINES:
            raise Refused(_TOO_LONG)
        try:
            whole = bool(_ENDS.search(card))
            read = vobject.readOne(card, allowQP=True, ignoreUnreadable=True) if whole else None
            if read is not None:
                rows.append((number, _of_card(read)))
                continue
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  # the library raises what it meets in bad cards
            whole = True
        left.append(LineProblem(number, _named(card), _BAD_CARD if whole else _CUT_CARD))
    return Sheet("vcard", _CARD_TITLES, tuple(rows), tuple(left))


def _named(card: str) -> str:
    """Return the name that a card which cannot be read is about, as far as its line says."""
    found = re.search(r"(?im)^FN[^:\n]*:(.+)$", card)
    return found[1].strip()[:80] if found else ""


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
        _joined(place, "code"), _joined(place, "city"), in_a_cell(tags), "" if family else shown,
    )  # fmt: skip


def _joined(line: Any, part: str) -> str:
    value = getattr(line.value, part, "") if line is not None else ""
    pieces = value if isinstance(value, list) else [value]
    return " ".join(str(piece) for piece in pieces if piece)


_MAIL: Final = re.compile(r"[^\s<>;,|()\"]+@[^\s<>;,|()\"]+\.[^\s<>;,|()\".]{2,}")
_NUMBER: Final = re.compile(r"(?<![\w@])[+(]?\(?\d[\d\s.\-/()\u00a0\u202f]{6,}\d(?![\w@])")
#: A French number however it is cut up.
ONE_NUMBER: Final = r"(?:\+33[\s.]?(?:\(0\)[\s.]?)?|0)[1-9](?:[\s./–-]{0,3}\d\d){4}(?!\d)"
#: Several of them, which no comma parts.
_SIDE_BY_SIDE: Final = re.compile(rf"{ONE_NUMBER}(?:\s+{ONE_NUMBER})+")
#: Said of a number, and nobody's name.
_OF_A_NUMBER: Final = frozenset(
    {"maison", "domicile", "bureau", "travail", "pro", "perso", "professionnel", "personnel",
     "conjoint", "conjointe", "mari", "femme", "fils", "fille"}
)  # fmt: skip
#: What a number is announced by; « rue du Port » is a place.
_ANNOUNCED: Final = re.compile(
    r"(?<!\bdu )(?<!\bau )(?<!\ble )(?<!\bdes )"
    r"\b(tél|tel|téléphone|portable|port|fixe|mobile|mob|gsm|mail|courriel)\b\.?",
    re.IGNORECASE,
)
_EDGES: Final = " \t;,|:/\\-–—.<>()\"'•*"


def pasted(text: str) -> Sheet:
    """Return a pasted list: a copied table as such, else the contacts of each line."""
    if len(text.encode("utf-8", "replace")) > MOST_OCTETS:
        raise Refused("Ce texte dépasse 20 Mo : coupez-le en plusieurs.")
    lines = visible(text).splitlines()
    first = next((line for line in lines if line.strip()), "")
    if re.search(r"[\t;]", first) and names_columns(re.split(r"[\t;]", first)):
        return _titled("csv", _csv_rows("\n".join(lines)))
    rows = [
        (n, _loose(one))
        for n, line in enumerate(lines, start=1) if line.strip()
        for one in _people(line)
    ]  # fmt: skip
    if not rows:
        raise Refused("Collez d'abord une liste : un nom et un numéro par ligne.", "pasted")
    if len(rows) > MOST_LINES:
        raise Refused(_TOO_LONG)
    return Sheet("pasted", ("Nom complet", "Téléphone", "Courriel"), tuple(rows))


def _loose(one: Found) -> tuple[str, str, str]:
    name, numbers, mails = one
    return name, " / ".join(numbers), " ".join(mails)


def _people(line: str) -> list[Found]:
    """Return who is on a line: one person, with all their numbers, unless it is a list itself.

    It is where each has a name, or a mail address, and a number, or where nobody has a name: of
    somebody with three numbers only the first is written to.
    """
    whole, people = found_in(line), _in_turn(re.split(r"[\t;|,]", line))
    if len(people) > 1 and all((name or mails) and numbers for name, numbers, mails in people):
        return people
    name, numbers, mails = people[0] if len(people) == 1 else whole
    if name or mails or not numbers:
        return [(name, numbers, mails)]
    return [("", [one], []) for number in numbers for one in _parted(number)]


def _in_turn(pieces: Sequence[str]) -> list[Found]:
    """Return who follows whom: a name after a number begins somebody else; « maison » is none."""
    turns: list[list[str]] = []
    for piece in pieces:
        name, numbers, mails = found_in(piece)
        named = name and name.lower() not in _OF_A_NUMBER
        begins = named or (mails and numbers)
        if not turns or (begins and found_in(", ".join(turns[-1]))[1]):
            turns.append([])
        turns[-1].append(piece if named or not name else " ".join((*numbers, *mails)))
    return [found_in(", ".join(turn)) for turn in turns]


def _parted(number: str) -> list[str]:
    return re.findall(ONE_NUMBER, number) if _SIDE_BY_SIDE.fullmatch(number) else [number]


def found_in(line: str) -> Found:
    """Return the name, the numbers and the addresses that a person wrote one after another."""
    mails = _MAIL.findall(line)
    rest = _MAIL.sub(" ", line)
    numbers = _NUMBER.findall(rest)
    rest = _NUMBER.sub(" ", rest)
    name = " ".join(piece.strip(_EDGES) for piece in re.split(r"[\t;|,]", rest))
    name = _ANNOUNCED.sub(" ", name)
    name = " ".join(name.split()).strip(_EDGES)
    name += ")" * (name.count("(") - name.count(")"))  # « Mme Icher (sa fille) »
    return name, [n.strip() for n in numbers], mails
