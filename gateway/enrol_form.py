"""The sheet by which people enrol: to be filled in, or two signs to scan. Pure.

Run as a program it makes the PDF from JSON, in a child as `gateway.paper` does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from gateway import paper
from gateway.french import of_town

#: What one fills in by hand.
FIELDS: Final = (
    "Nom", "Prénom", "Numéro et rue", "Complément, étage", "Commune", "Téléphone portable",
    "Téléphone fixe", "Courriel", "Personne à prévenir si je ne réponds pas",
)  # fmt: skip
#: What the law wants to be said where data are collected (GDPR, article 13).
NOTICE: Final = (
    "Ces données servent à la mairie {of_town} pour alerter en cas de danger et, si vous le "
    "cochez, pour informer. Elles ne sont données à personne d'autre, et sont effacées sur demande "
    "à la mairie. Vous pouvez les consulter, les corriger, ou vous plaindre à la CNIL (cnil.fr)."
)
#: Millimetres a sign measures on the page.
_SIGN: Final = 38.0


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on it: the town, and the box's numbers (E.164) with how they are shown."""

    town: str
    numbers: Sequence[str]
    shown: Sequence[str]


def vcard(town: str, numbers: Sequence[str]) -> str:
    """Return the box as a contact (vCard 3.0, RFC 2426): a known name rings louder at 3 a.m."""
    import vobject

    card, name = vobject.vCard(), f"ALERTE {town}"
    card.add("n").value = vobject.vcard.Name(family=name)
    card.add("fn").value = name
    for number in numbers:
        card.add("tel").value = number
    return str(card.serialize())


def sms_link(number: str) -> str:
    """Return what a telephone reads in the sign: a text to be sent, its first word written."""
    return f"SMSTO:{number}:ALERTE "


def sign(content: str) -> list[list[bool]]:
    """Return a QR code (ISO/IEC 18004, level M) as rows of dark and light."""
    import segno

    code = segno.make(content, error="m", micro=False)
    return [[bool(dot) for dot in row] for row in code.matrix]


def as_svg(content: str) -> bytes:
    """Return a QR code as a picture for a page."""
    import io

    import segno

    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="svg", scale=4, border=4)
    return out.getvalue()


def as_pdf(form: Form) -> bytes:
    """Return the sheet as a PDF, one side of A4."""
    page = paper.one_side(f"Inscription aux alertes, {form.town}", (16, 14, 16))
    line = partial(paper.line, page)
    line(f"Être alerté par la mairie {of_town(form.town)}", 19, "B", 10)
    line("Crue, incendie, coupure : un SMS ou un appel, à toute heure. Gratuit.", 11)
    page.ln(3)
    line("Par SMS, tout de suite", 14, "B", 8)
    if form.numbers:
        line(
            f"Envoyez ALERTE et votre adresse au {form.shown[0]}. Exemple : ALERTE 3 rue du Port",
            11,
        )
        _signs(page, form)
    else:
        line("Le numéro vous est donné à la mairie.", 11)
    line("Ou sur cette feuille, à rendre à la mairie", 14, "B", 9)
    for field in FIELDS:
        _blank(page, field)
    page.ln(4)
    for wish in ("alerté en cas de danger", "informé des services (eau, école, routes)",
                 "informé de la vie de la commune"):  # fmt: skip
        line(f"[  ] Je souhaite être {wish}.", 10.5, "", 6.4)
    _blank(page, "Date et signature", 16)
    page.ln(3)
    line(NOTICE.format(of_town=of_town(form.town)), 8.5, "", 4.2)
    return bytes(page.output())


def _blank(page: Any, label: str, height: float = 10.5) -> None:
    """Set a label and a line to write on, to the right margin."""
    page.set_font("helvetica", "", 10.5)
    written = paper.plain(f"{label} : ")
    page.cell(page.get_string_width(written) + 2, height, written)
    page.line(page.get_x(), page.get_y() + height - 2.5, page.w - page.r_margin,
              page.get_y() + height - 2.5)  # fmt: skip
    page.ln(height)


def _signs(page: Any, form: Form) -> None:
    """Draw both signs beside each other, what each does below it."""
    top, left = page.get_y() + 2, page.l_margin
    signs = (
        (sms_link(form.numbers[0]), "Photographiez : le SMS s'ouvre."),
        (vcard(form.town, form.numbers), "Photographiez : notre numéro dans vos contacts."),
    )
    for place, (content, said) in enumerate(signs):
        _draw(page, sign(content), left + place * 88, top)
        page.set_xy(left + place * 88, top + _SIGN + 1)
        page.set_font("helvetica", "", 9)
        page.cell(86, 5, paper.plain(said))
    page.set_xy(left, top + _SIGN + 9)


def _draw(page: Any, dots: list[list[bool]], left: float, top: float) -> None:
    size = _SIGN / len(dots)
    page.set_fill_color(0, 0, 0)
    for row, line in enumerate(dots):
        for column, dark in enumerate(line):
            if dark:
                page.rect(left + column * size, top + row * size, size, size, style="F")


def make(form: Form) -> bytes:
    """Return the sheet, made in a child process; blocks. Raises OSError when the child fails."""
    return paper.in_child("gateway.enrol_form", asdict(form))


def _child() -> None:
    sys.stdout.buffer.write(as_pdf(Form(**json.load(sys.stdin))))


if __name__ == "__main__":
    _child()
