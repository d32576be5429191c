"""What is said to whoever calls the gateway, and to whoever dictates a message. Pure.

A `Course` walks stages that are data: what is said, which key leads where. A person for whom a
message waits hears the usual call (`gateway.channels.call_script`) instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.channels.call_script import LEAD_IN, Cue, Part, Say, Wait
from gateway.channels.call_words import EXCUSE
from gateway.french import of_town

#: Seconds a choice is waited for.
_CHOICE: Final = Wait(6.0)
#: Stages entered at most in one call: a stuck key must not hold the line for ever.
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Stage:
    """What is said, and which stage each key leads to; ``then`` follows silence, "" ends."""

    cues: tuple[Cue, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    then: str = ""


class Course:
    """One call led through stages; ``at`` is where it stands, ``passed`` where it has been."""

    def __init__(self, stages: Mapping[str, Stage], first: str) -> None:
        self._stages = stages
        self.passed: list[str] = []
        self._cues: Iterator[Cue] = iter(())
        self._enter(first)

    @property
    def at(self) -> str:
        """The stage the call is in."""
        return self.passed[-1]

    def _enter(self, name: str) -> None:
        self.passed.append(name)
        self._cues = iter(self._stages[name].cues)

    def next(self) -> Cue | None:
        """Return what to do now; None to hang up."""
        while (cue := next(self._cues, None)) is None:
            then = self._stages[self.at].then
            if not then or len(self.passed) >= _MOST:
                return None
            self._enter(then)
        return cue

    def key(self, digit: str) -> bool:
        """Take a key; return whether it leads somewhere, and what is being said must stop."""
        to = self._stages[self.at].keys.get(digit)
        if to is None or len(self.passed) >= _MOST:
            return False
        self._enter(to)
        return True

    def machine(self, *, beep: bool) -> bool:  # noqa: ARG002  what every script is asked
        """Whoever calls us is no machine we would wait for."""
        return False


_BEGIN: Final = Wait(LEAD_IN)

#: Somebody for whom nothing waits: who this is, and nothing of anybody's.
STRANGER: Final = {
    "hello": Stage((_BEGIN, Say(Part.RECEPTION), _CHOICE), {"0": "again"}, then="bye"),
    "again": Stage((Say(Part.RECEPTION), _CHOICE), {"0": "again"}, then="bye"),
    "bye": Stage((Say(Part.GOODBYE),)),
}

#: Somebody the town has authorised. What they may do by telephone is entered here, key by key.
AUTHORISED: Final = {
    "hello": Stage((_BEGIN, Say(Part.MENU), _CHOICE), {"0": "again"}, then="bye"),
    "again": Stage((Say(Part.MENU), _CHOICE), {"0": "again"}, then="bye"),
    "bye": Stage((Say(Part.GOODBYE),)),
}

#: Before somebody speaks a message.
DICTATE: Final = {"speak": Stage((_BEGIN, Say(Part.DICTATE), Say(Part.BEEP)))}
DICTATE_AGAIN: Final = {"speak": Stage((Wait(0.3), Say(Part.DICTATE), Say(Part.BEEP)))}
#: After it: they hear it, and keep it or begin anew.
REVIEW: Final = {
    "review": Stage(
        (Wait(0.5), Say(Part.MESSAGE), Wait(0.5), Say(Part.REVIEW), _CHOICE),
        {"1": "keep", "2": "anew", "0": "review"},
        then="repeat",
    ),
    "repeat": Stage(
        (Say(Part.REVIEW), _CHOICE), {"1": "keep", "2": "anew", "0": "review"}, then="bye"
    ),
    "keep": Stage((Say(Part.KEPT),)),
    "anew": Stage(()),
    "bye": Stage((Say(Part.NOT_KEPT),)),
}


def reception_phrases(town: str) -> dict[Part, str]:
    """Return what somebody hears for whom nothing waits at the gateway of ``town``."""
    repeat = "Pour réécouter, appuyez sur la touche zéro."
    return {
        Part.RECEPTION: f"Bonjour. Ici le système d'alerte de la mairie {of_town(town)}. "
        "Aucun message n'attend votre numéro. Pour parler à quelqu'un, appelez la mairie à son "
        "numéro habituel. "
        f"{repeat}",
        Part.MENU: f"Bonjour. Ici le système d'alerte de la mairie {of_town(town)}. "
        "Votre numéro est autorisé. Aucun message ne vous attend. Pour lancer une alerte par "
        "téléphone, demandez un "
        f"code PIN à la mairie. {repeat}",
        Part.GOODBYE: "Au revoir.",
        Part.EXCUSE: EXCUSE,
    }


def dictation_phrases(town: str) -> dict[Part, str]:
    """Return what somebody hears who dictates a message by telephone."""
    return {
        Part.DICTATE: f"Ici Tocsin, mairie {of_town(town)}. Parlez après le signal. "
        "Pour finir, appuyez sur la touche dièse.",
        Part.REVIEW: "Pour garder ce message, appuyez sur la touche un. Pour le refaire, appuyez "
        "sur la touche deux. Pour le réécouter, appuyez sur la touche zéro.",
        Part.KEPT: "C'est gardé. Au revoir.",
        Part.NOT_KEPT: "Rien n'est gardé. Au revoir.",
        Part.EXCUSE: EXCUSE,
    }
