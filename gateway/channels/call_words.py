"""The words of a call, in the languages a contact may have. Pure: data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model import Asks, Urgency


@dataclass(frozen=True, slots=True)
class Words:
    """What is said around a message; ``{town}`` is the town's name."""

    hello: str
    kind: Mapping[Urgency, str]
    exercise: str
    exercise_over: str
    prompts: Mapping[Asks, str]
    no_more: str
    again: str
    thanks: str
    spared: str
    called_back: str
    goodbye: str
    excuse: str


WORDS: Final[Mapping[str, Words]] = {
    "fr": Words(
        hello="Bonjour. Ici la mairie {of_town}.",
        kind={
            Urgency.VITAL: "Ceci est une alerte.",
            Urgency.SERVICE: "Ceci est un message de service.",
            Urgency.INFORMATION: "Ceci est une information.",
        },
        exercise="Ceci est un exercice.",
        exercise_over="C'était un exercice.",
        prompts={
            Asks.HEARD: "Pour confirmer que vous avez entendu, appuyez sur la touche un. "
            "Pour réécouter, appuyez sur la touche zéro.",
            Asks.PRESENCE: "Si vous serez présent, appuyez sur la touche un. Si vous serez absent, "
            "appuyez sur la touche deux. Pour réécouter, appuyez sur la touche zéro.",
            Asks.WELL: "Tout va bien : appuyez sur la touche un. Rappelez-moi : appuyez sur la "
            "touche deux. Pour réécouter, appuyez sur la touche zéro.",
            Asks.VISIT: "Si vous y allez, appuyez sur la touche un. Si vous ne pouvez pas, "
            "appuyez sur la touche deux. Pour réécouter, appuyez sur la touche zéro.",
        },
        no_more="Pour ne plus recevoir ces appels, appuyez sur la touche neuf.",
        again="Je répète.",
        thanks="Merci. C'est noté. Au revoir.",
        spared="C'est noté. Vous ne recevrez plus ces appels. Au revoir.",
        called_back="C'est noté : nous vous rappelons. Au revoir.",
        goodbye="Au revoir.",
        excuse="Excusez-nous : une urgence. Nous vous rappellerons. Au revoir.",
    ),
    "en": Words(
        hello="Hello. This is the town hall of {town}.",
        kind={
            Urgency.VITAL: "This is an alert.",
            Urgency.SERVICE: "This is a service message.",
            Urgency.INFORMATION: "This is some information.",
        },
        exercise="This is an exercise.",
        exercise_over="This was an exercise.",
        prompts={
            Asks.HEARD: "To confirm that you have heard this message, press one. "
            "To hear it again, press zero.",
            Asks.PRESENCE: "If you will be there, press one. If you will not, press two. "
            "To hear this message again, press zero.",
            Asks.WELL: "All is well: press one. Please call me back: press two. "
            "To hear this message again, press zero.",
            Asks.VISIT: "If you are going there, press one. If you cannot, press two. "
            "To hear this message again, press zero.",
        },
        no_more="To receive no more of these calls, press nine.",
        again="I repeat.",
        thanks="Thank you. We have noted it. Goodbye.",
        spared="We have noted it. You will receive no more of these calls. Goodbye.",
        called_back="We have noted it: we will call you back. Goodbye.",
        goodbye="Goodbye.",
        excuse="Excuse us: an emergency. We will call you back. Goodbye.",
    ),
}
#: Said before a call gives way to an alert, in the town's own language.
EXCUSE: Final = WORDS["fr"].excuse


def words_of(language: str) -> Words:
    """Return the words of a language; French for one we do not speak."""
    return WORDS.get(language, WORDS["fr"])
