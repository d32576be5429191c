"""What the doors receive of lists that come in. Values, and how verdicts become them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.lists import columns, matching
from gateway.lists.matching import Appointed, Fate, Verdict
from gateway.lists.values import LineProblem, Reading, Sheet
from gateway.sentences import Sentence, fr, listed

#: Lines shown of each fate; the rest is counted.
_SHOWN: Final = 100
_SAMPLE: Final = 3


class NoPreview(Refused):
    """The list that was looked at is not kept any more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chose for a file.

    ``columns``: what each holds, of `gateway.lists.columns.HOLDS`; ``replace``: what differs is
    taken from the list; ``groups``: everybody joins these; ``purpose``: of groups that are new;
    ``source``: where these people's agreement comes from, kept as its proof.
    """

    columns: tuple[str, ...]
    replace: bool = False
    groups: tuple[str, ...] = ()
    purpose: str = "alerte"
    source: str = ""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of a file: its title, what it is taken for, a few of its cells."""

    title: str
    holds: str
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a list and what it would do, in words."""

    line: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; ``token`` confirms it, ``problem`` says why it cannot be done."""

    token: str
    filename: str
    columns: tuple[ColumnView, ...]
    wish: Wish
    total: int
    added: int
    changed: int
    merged: int
    unchanged: int
    changes: tuple[LineView, ...]
    kept: tuple[LineView, ...]
    warnings: tuple[LineProblem, ...]
    refused: tuple[LineProblem, ...]
    problem: str = ""
    referents: int = 0  # contacts to be made for others to be looked after by
    of_added: tuple[LineView, ...] = ()  # the referents of those who are new

    @property
    def useful(self) -> int:
        """How many lines would change anything."""
        return self.added + self.changed + self.merged


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; ``number`` is the batch that can be undone."""

    added: int
    merged: int
    unchanged: int
    refused: tuple[LineProblem, ...]
    warnings: tuple[LineProblem, ...]
    number: int = 0
    referents: int = 0  # contacts made for others to be looked after by


@dataclass(frozen=True, slots=True)
class BatchView:
    """A list that was taken in."""

    number: int
    filename: str
    at: datetime
    by: str
    added: int
    changed: int
    undone_at: datetime | None
    undone_by: str


def shown(
    token: str, filename: str, sheet: Sheet, wish: Wish, reading: Reading | None,
    verdicts: Sequence[Verdict], problem: str,
) -> ImportPreview:  # fmt: skip
    """Return a preview in words."""
    reading = reading or Reading()
    tally = matching.counts(verdicts)
    remarks = [
        LineProblem(verdict.line.line, verdict.line.name, said)
        for verdict in verdicts
        if (said := matching.shown_like(verdict))
    ] + referent_remarks(verdicts)
    refused = {one.line for one in reading.refused}
    return ImportPreview(
        token, filename, _columns(sheet, wish), wish, len(reading.lines) + len(refused),
        tally.get(Fate.ADDED, 0), tally.get(Fate.CHANGED, 0), tally.get(Fate.MERGED, 0),
        tally.get(Fate.UNCHANGED, 0), _lines(verdicts, _change), _lines(verdicts, _kept),
        (*reading.warnings, *remarks), tuple(reading.refused), problem, made_for_others(verdicts),
        _lines(verdicts, _referent_of_added),
    )  # fmt: skip


def made_for_others(verdicts: Sequence[Verdict]) -> int:
    """Return how many contacts have to be made because others have them for referent."""
    return sum(one.referent is not None and one.referent.made is not None for one in verdicts)


def referent_remarks(verdicts: Sequence[Verdict]) -> list[LineProblem]:
    """Return why lines that speak of a referent set none, with the mend."""
    title = columns.HOLDS["referent"]
    return [LineProblem(one.line.line, title, one.remark) for one in verdicts if one.remark]


def _columns(sheet: Sheet, wish: Wish) -> tuple[ColumnView, ...]:
    return tuple(
        ColumnView(
            title, wish.columns[number] if number < len(wish.columns) else "",
            tuple(cells[number][:40] for _, cells in sheet.rows[:_SAMPLE] if number < len(cells)),
        )
        for number, title in enumerate(sheet.titles)
    )  # fmt: skip


def _lines(verdicts: Sequence[Verdict], said: Callable[[Verdict], str]) -> tuple[LineView, ...]:
    found = []
    for verdict in verdicts:
        text = said(verdict)
        if text:
            name = " ".join(filter(None, (verdict.line.given_name, verdict.line.name)))
            found.append(LineView(verdict.line.line, name, text))
            if len(found) == _SHOWN:
                break
    return tuple(found)


def _change(verdict: Verdict) -> str:
    """Say what changes of a contact that is known already."""
    if verdict.fate not in {Fate.CHANGED, Fate.MERGED}:
        return ""
    parts = [_field(key, pair) for key, pair in verdict.fields.items()]
    parts += [f"+ {phone.shown(endpoint.address)}" for endpoint in verdict.endpoints]
    parts += [fr("+ groupe {name}", name=name) for name in verdict.groups]
    parts += [fr("+ étiquette {name}", name=name) for name in verdict.tags]
    if verdict.referent is not None:
        parts.append(_referent(verdict.referent))
    return listed(", ", parts)


def _referent_of_added(verdict: Verdict) -> str:
    if verdict.fate is not Fate.ADDED or verdict.referent is None:
        return ""
    return _referent(verdict.referent)


def _referent(one: Appointed) -> Sentence:
    """Say who becomes the referent, and where they are known from."""
    said = fr("référent : {name} (déjà au carnet)", name=one.name)
    if one.made is not None:
        said = fr("référent : {name} (sera ajouté au carnet)", name=one.name)
    elif one.contact_id < 0:
        said = fr("référent : {name} (dans cette liste)", name=one.name)
    return fr("{said}, au lieu de {before}", said=said, before=one.before) if one.before else said


def _kept(verdict: Verdict) -> str:
    """Say what differs and stays as the directory has it."""
    kept = [(columns.HOLDS[key], pair) for key, pair in verdict.kept.items()]
    if verdict.referent_kept is not None:
        kept.append((fr("Référent"), verdict.referent_kept))
    return listed(
        ", ",
        (
            fr(
                "{what} : « {before} » gardé, la liste dit « {after} »",
                what=what,
                before=before,
                after=after,
            )
            for what, (before, after) in kept
        ),
    )


def _field(key: str, pair: tuple[str, str]) -> str:
    before, after = pair
    said = fr("« {after} »", after=after)
    if before:
        said = fr("« {before} » → « {after} »", before=before, after=after)
    return fr("{what} : {said}", what=columns.HOLDS[key], said=said)
