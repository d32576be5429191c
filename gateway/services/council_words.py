"""What is said of a council, in French: to its members, on the page, in the minutes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.quorum import Answer, Rule, Rules, Standing, Why
from gateway.sentences import fr, fr_all
from gateway.services import words

#: How a member answers, as every SMS to the council says.
HOW: Final = "PRESENT, ABSENT ou POUVOIR A suivi du nom"
#: Said in the mail, which is answered in the same words.
HOW_BY_MAIL: Final = (
    "Merci de répondre à ce courriel, sur la première ligne : « présent », « absent » ou "
    "« pouvoir à » suivi du nom du membre qui votera pour vous"
)
SECOND: Final = (
    "Le quorum n'ayant pas été atteint à la séance du {day}, le conseil délibérera sans condition "
    "de quorum (article L2121-17 du code général des collectivités territoriales)."
)

STANDINGS: Final = fr_all({
    Standing.PRESENT: "présent", Standing.PROXY: "pouvoir à",
    Standing.PROXY_WAITS: "pouvoir (sans réponse de qui le porte) à",
    Standing.PROXY_FELL: "pouvoir tombé, absent : c'était à", Standing.EXCUSED: "absent excusé",
    Standing.ABSENT: "absent", Standing.DOUBT: "réponse à traiter",
    Standing.SILENT: "sans réponse",
})  # fmt: skip
#: A member whom no convocation could be sent to, and who was handed none yet.
UNCONVENED: Final = fr("non convoqué par Tocsin")
#: The same in the minutes; what nobody understood is quoted there, and is no absence.
IN_MINUTES: Final = {
    Standing.PRESENT: "présent", Standing.PROXY: "pouvoir à", Standing.PROXY_WAITS: "pouvoir à",
    Standing.PROXY_FELL: "absent (pouvoir sans effet)", Standing.EXCUSED: "excusé",
    Standing.ABSENT: "absent", Standing.DOUBT: "réponse à traiter",
    Standing.SILENT: "sans réponse",
}  # fmt: skip
#: In the minutes, of a member whose only words somebody has put aside.
NOT_CLEAR: Final = "sans réponse claire"
ANSWERS: Final = fr_all({
    Answer.PRESENT: "présent", Answer.EXCUSED: "absent excusé", Answer.ABSENT: "absent",
    Answer.PROXY: "pouvoir",
})  # fmt: skip
WAYS: Final = fr_all({"sms": "par SMS", "email": "par courriel", "voice": "par téléphone"})
RULES: Final = fr_all(
    {
        Rule.HALF: "plus de la moitié des membres en exercice, pouvoirs non comptés",
        Rule.THIRD: "le tiers des membres en exercice, pouvoirs non comptés (régime d'exception)",
        Rule.NONE: "aucun : seconde convocation, faute de quorum à la première",
    }
)
WHY: Final = fr_all(
    {
        Why.UNKNOWN: "aucun membre de ce conseil ne s'appelle ainsi",
        Why.AMBIGUOUS: "plusieurs membres s'appellent ainsi",
        Why.HIMSELF: "on ne se donne pas pouvoir à soi-même",
        Why.AWAY: "ce membre sera absent",
        Why.FULL: "ce membre porte déjà tous les pouvoirs qu'il peut",
        Why.SHARED: "plusieurs membres ont ce numéro ou cette adresse",
        Why.OVER: "la séance a commencé, ou n'a pas lieu",
        Why.UNCLEAR: "Tocsin ne sait pas ce que cela veut dire",
        Why.WHICH: "plusieurs messages attendent une réponse de ce membre, lequel est-ce ?",
    }
)


def when(at: datetime) -> str:
    """Return « jeudi 26 novembre 2026 à 18 h 30 »."""
    return fr("{day} à {hour}", day=words.long_day(at), hour=words.hour(at))


def asks(answer_by: datetime | None) -> str:
    """Return the line an SMS to the council ends with."""
    until = f", avant le {when(answer_by)}" if answer_by else ""
    return f"Répondez {HOW}{until}."


def asks_by_mail(answer_by: datetime | None) -> str:
    """Return the line a mail to the council ends with."""
    until = f", avant le {when(answer_by)}" if answer_by else ""
    return f"{HOW_BY_MAIL}{until}."


def noted(answer: Answer, meeting: str, holder: str = "") -> str:
    """Return what a member hears whose word was taken down."""
    if answer is Answer.PRESENT:
        return f"Noté : vous serez présent(e), {meeting}."
    if answer is Answer.PROXY:
        return (
            f"Noté : pouvoir à {holder}, {meeting}. La loi le veut écrit et signé : faites-le "
            "parvenir à la mairie avant la séance."
        )
    return (
        f"Noté : vous serez absent(e), {meeting}. Pour donner pouvoir, répondez POUVOIR A suivi "
        "du nom."
    )


def not_noted(why: Why) -> str:
    """Return what a member hears whose word is left to a human."""
    again = " Répondez POUVOIR A suivi du prénom et du nom."
    more = again if why in {Why.UNKNOWN, Why.AMBIGUOUS} else ""
    what = "Réponse NON notée" if why in {Why.SHARED, Why.OVER, Why.UNCLEAR} else "Pouvoir NON noté"
    return f"{what} : {WHY[why]}.{more} La mairie voit votre message."


CANCELLED: Final = fr(
    "Cette convocation n'est pas partie, ou a été arrêtée : la séance n'a pas lieu."
)


def sentence(rules: Rules, present: int, needed: int) -> str:
    """Return what the quorum comes to, in a sentence."""
    if rules.rule is Rule.NONE:
        return fr("Seconde convocation : le conseil délibère sans condition de quorum.")
    there = fr("{n} présent", n=present) if present < 2 else fr("{n} présents", n=present)
    values = {"there": there, "needed": needed, "members": rules.members}
    if present >= needed:
        return fr("Quorum atteint : {there}, il en faut {needed} sur {members}.", **values)
    return fr(
        "Quorum non atteint : {there}, il en faut {needed} sur {members} (il en manque {left}).",
        **values, left=needed - present,
    )  # fmt: skip
