"""How much each part of the box writes to its journal, changed while it runs.

A part is the beginning of a module's name: ``modem``, ``gateway.mail``, ``gateway.dispatcher``.
The longest that fits decides; the empty one is everything's. Nothing is kept over a restart: a
journal left on ``debug`` fills a disk. Imported by `gateway.logs` and the control socket.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

from gateway.errors import Refused

LEVELS: Final = ("debug", "info", "warning", "error")
#: The parts there are: what a name may begin with.
PARTS: Final = ("", "gateway", "modem", "tts", "web")


class PartLevels:
    """The level of each part, by the beginning of its name."""

    def __init__(self, level: str = "info") -> None:
        self._set: dict[str, str] = {"": level}

    def set(self, part: str, level: str) -> None:
        """Give a part a level; raise `Refused` for one that is none of ours."""
        if level not in LEVELS:
            raise Refused(
                "Niveau inconnu : {level}. Niveaux : {levels}.",
                "level",
                level=level,
                levels=", ".join(LEVELS),
            )
        if part.split(".", maxsplit=1)[0] not in PARTS or not all(
            word.isidentifier() for word in part.split(".") if part
        ):
            raise Refused(
                "Partie inconnue : {part}. Par exemple : modem, gateway.mail, web.",
                "part",
                part=part,
            )
        self._set[part] = level
        logging.getLogger(part).setLevel(_number(level))  # what the modem's side speaks through

    def of(self, name: str) -> str:
        """Return the level of a module."""
        fitting = [part for part in self._set if not part or (name + ".").startswith(part + ".")]
        return self._set[max(fitting, key=len)]

    @property
    def known(self) -> Mapping[str, str]:
        """The parts that were given a level of their own, and everything's."""
        return dict(self._set)

    def drop_the_rest(
        self, _: Any, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Let go of what a part does not want told (a structlog processor)."""
        if _number(method) < _number(self.of(str(event.get("module", "")))):
            raise structlog.DropEvent
        return event


def _number(level: str) -> int:
    return logging.getLevelNamesMapping().get(level.upper(), logging.ERROR)


#: Those of this process.
CURRENT: Final = PartLevels()
