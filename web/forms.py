"""The compose form, read and written back. Pure; imported by `web.views.compose`.

Reading never fails: what makes no sense is left out, and the services say what is missing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self, cast

from multidict import MultiDict, MultiMapping

from gateway.services import Draft, Forecast, at_wall_time

CHANNELS: Final = ("sms", "voice", "email")
URGENCIES: Final = ("vital", "service", "information")


@dataclass(frozen=True, slots=True)
class Composed:
    """What the form holds, sensible or not yet."""

    title: str = ""
    text: str = ""
    sms_text: str = ""
    voice_text: str = ""
    mail_subject: str = ""
    mail_text: str = ""
    groups: frozenset[int] = frozenset()
    contacts: tuple[int, ...] = ()
    zones: tuple[str, ...] = ()
    looked_for: str = ""  # whom to add, by the beginning of a name, a group or a part of the town
    channels: tuple[str, ...] = CHANNELS
    urgency: str = "service"
    key: str = ""
    announced: str = ""
    exercise: bool = False
    recording: str = ""
    order: str = "advised"
    confirm: bool = False
    at: str = ""  # as a browser writes a local time
    until: str = ""  # the same: no longer worth sending then
    at_any_hour: bool = False
    duties: tuple[str, ...] = ()
    rhythm: str = ""
    ready_name: str = ""
    test_to: str = ""
    text_en: str = ""
    language: str = "fr"
    files: tuple[int, ...] = ()
    version: str = ""  # of the ready message it was made from
    again: str = ""  # the number of the message that was stopped, and is mended here

    @property
    def texts(self) -> tuple[str, ...]:
        """All that people would read or hear of it."""
        return (self.text, self.title, self.sms_text, self.voice_text, self.mail_subject,
                self.mail_text, self.text_en)  # fmt: skip

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """Return the form filled in with a draft that was kept."""
        return cls(
            title=draft.title, text=draft.text, sms_text=draft.sms_text or "",
            voice_text=draft.voice_text or "", mail_subject=draft.mail_subject or "",
            mail_text=draft.mail_text or "", groups=frozenset(draft.group_ids),
            contacts=draft.contact_ids, zones=draft.zones,
            channels=tuple(c for c in CHANNELS if c in draft.channels), urgency=draft.urgency,
            key=secrets.token_urlsafe(16), exercise=draft.exercise, recording=draft.recording,
            order=draft.order, confirm=draft.confirm, duties=draft.duties,
            ready_name=draft.scenario, text_en=draft.text_en, language=draft.language,
            files=draft.file_ids, at=_local(draft.at), until=_local(draft.expires),
            at_any_hour=draft.at_any_hour, again=str(draft.again_of or ""),
        )  # fmt: skip

    @classmethod
    def blank(cls, urgency: str = "") -> Self:
        """Return an empty form with a key of its own: sent twice, it is one message."""
        wanted = urgency if urgency in URGENCIES else "service"
        return cls(key=secrets.token_urlsafe(16), urgency=wanted)

    @classmethod
    def read(cls, fields: MultiMapping[Any]) -> Self:
        """Read what a browser posted."""
        urgency = text_of(fields, "urgency")
        return cls(
            title=text_of(fields, "title"),
            text=text_of(fields, "text"),
            sms_text=text_of(fields, "sms_text"),
            voice_text=text_of(fields, "voice_text"),
            mail_subject=text_of(fields, "mail_subject"),
            mail_text=text_of(fields, "mail_text"),
            groups=frozenset(_numbers(fields, "group")),
            contacts=tuple(dict.fromkeys(_numbers(fields, "person")))[:200],
            zones=tuple(dict.fromkeys(str(one)[:80] for one in fields.getall("zone", ())))[:50],
            looked_for=text_of(fields, "looked_for")[:80],
            channels=tuple(c for c in CHANNELS if c in fields.getall("channel", ())),
            urgency=urgency if urgency in URGENCIES else "service",
            key=text_of(fields, "key") or secrets.token_urlsafe(16),
            announced=text_of(fields, "announced"),
            exercise=text_of(fields, "exercise") == "1",
            recording=text_of(fields, "recording"),
            order=text_of(fields, "order")[:20],
            confirm=text_of(fields, "confirm") == "1",
            at=text_of(fields, "at")[:30],
            until=text_of(fields, "until")[:30],
            at_any_hour=text_of(fields, "at_any_hour") == "1",
            duties=tuple(str(one)[:60] for one in fields.getall("duty", ())),
            rhythm=text_of(fields, "rhythm")[:20],
            ready_name=text_of(fields, "ready_name")[:80],
            test_to=text_of(fields, "test_to")[:80],
            text_en=text_of(fields, "text_en"),
            language="en" if text_of(fields, "language") == "en" else "fr",
            files=_numbers(fields, "file"),
            version=text_of(fields, "version")[:400],
            again=text_of(fields, "again")[:18],
        )

    @property
    def ready(self) -> bool:
        """Whether there is enough to foresee anything."""
        return bool(self.text and self.addressed and self.channels)

    @property
    def addressed(self) -> bool:
        """Whether it says whom it is for."""
        return bool(self.groups or self.contacts or self.zones or self.duties)

    @property
    def measured(self) -> str:
        """The text an SMS would carry."""
        return self.sms_text or self.text

    @property
    def differs(self) -> bool:
        """Whether some channel has a text of its own."""
        return bool(self.sms_text or self.voice_text or self.mail_subject or self.mail_text)

    def with_measured(self, text: str) -> Self:
        """Return the form with the SMS's text replaced."""
        return replace(self, sms_text=text) if self.sms_text else replace(self, text=text)

    def taking(self, other: Composed, takes: Callable[[str], bool]) -> Self:
        """Return the form with those fields of ``other`` whose names ``takes`` tells."""
        fields = MultiDict([one for one in self.hidden() if not takes(one[0])])
        fields.extend([one for one in other.hidden() if takes(one[0])])
        return replace(
            self.read(fields), looked_for=self.looked_for, announced=self.announced
        )  # fmt: skip

    def draft(self, zone: str = "Europe/Paris") -> Draft:
        """Return what the services understand; the services give a title to one without.

        Raises `Refused` for a time that is none.
        """
        return Draft(
            title=self.title,
            text=self.text,
            sms_text=self.sms_text or None,
            voice_text=self.voice_text or None,
            mail_subject=self.mail_subject or None,
            mail_text=self.mail_text or None,
            group_ids=tuple(sorted(self.groups)),
            contact_ids=self.contacts,
            zones=self.zones,
            channels=self.channels,
            urgency=self.urgency,
            idempotency_key=self._identity(),
            exercise=self.exercise,
            recording=self.recording,
            order=self.order,
            confirm=self.confirm,
            at=at_wall_time(self.at, zone),
            expires=at_wall_time(self.until, zone, "until"),
            at_any_hour=self.at_any_hour,
            duties=self.duties,
            text_en=self.text_en,
            language=self.language,
            file_ids=self.files,
            again_of=int(self.again) if is_number(self.again) else 0,
        )

    def _identity(self) -> str:
        """Return what makes two sendings one: this form with this content.

        A form gone back to and changed is another message; it must never be taken for the first.
        """
        beside = {"key", "ready_name", "test_to", "version"}  # they change nothing of what leaves
        return identity(self.key, [one for one in self.hidden() if one[0] not in beside])

    def hidden(self) -> list[tuple[str, str]]:
        """Return every field as (name, value), for the confirmation page to carry."""
        single = ("title", "text", "sms_text", "voice_text", "mail_subject", "mail_text",
                  "urgency", "key", "recording", "order", "at", "until", "rhythm", "text_en",
                  "language", "ready_name", "test_to", "version", "again")  # fmt: skip
        fields = [(name, cast("str", getattr(self, name))) for name in single]
        fields += [("group", str(group)) for group in sorted(self.groups)]
        fields += [("person", str(number)) for number in self.contacts]
        fields += [("zone", name) for name in self.zones]
        fields += [("duty", name) for name in self.duties]
        fields += [("file", str(number)) for number in self.files]
        fields += [("exercise", "1")] * self.exercise
        fields += [("confirm", "1")] * self.confirm
        fields += [("at_any_hour", "1")] * self.at_any_hour
        return fields + [("channel", channel) for channel in self.channels]


def identity(key: str, content: object) -> str:
    """Return what makes two sendings of a form one: its ``key`` and the ``content`` it has."""
    return f"{key[:40]}-{hashlib.sha256(repr(content).encode()).hexdigest()[:16]}"


def announcement(forecast: Forecast) -> str:
    """Return what was promised, to notice at sending that it no longer holds."""
    # a form opened before the hours end, sent after them, would leave another day
    day = f"-{forecast.leaves_at:%d}" if forecast.leaves_at else ""
    return f"{forecast.recipients}-{forecast.sms_segments}{day}"


def _local(when: datetime | None) -> str:
    """Return a moment as a browser's field holds it, in the zone it has."""
    return when.strftime("%Y-%m-%dT%H:%M") if when else ""


def text_of(fields: MultiMapping[Any], name: str) -> str:
    """Return what was typed, its lines ended as they are stored: a browser sends two characters."""
    value = fields.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _numbers(fields: MultiMapping[Any], name: str) -> tuple[int, ...]:
    return tuple(map(int, filter(is_number, map(str, fields.getall(name, ())))))


def is_number(value: str) -> bool:
    """Tell whether a form's value can be one of our numbers."""
    return value.isascii() and value.isdigit() and len(value) < 19
