"""What is said to whoever launches an alert by telephone. Pure.

Words for SMS use the letters of the GSM alphabet only (no « ê », no « ç », no « »): one text more
costs seconds at three in the morning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.french import of_town
from gateway.sentences import fr_all

#: Characters of a title in a text, and of a name in a list.
_TITLE = 40
#: A read-back of so many characters is one SMS (of three parts); a longer one is two.
TOGETHER = 450


def short(text: str, most: int = _TITLE) -> str:
    """Return a text on one line, cut where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3].rstrip()}..."


def lasting(seconds: float) -> str:
    """Return how long an alert takes, in words for eye and ear."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"environ {minutes} minute{'s' if minutes > 1 else ''}"
    return f"environ {minutes // 60} h {minutes % 60:02}"


def people_of(count: int) -> str:
    """Return how many people, in words."""
    return f"{count} personne{'s' if count > 1 else ''}"


#: What an SMS of a launcher came to, as the inbox tells it.
EFFECTS: Final = fr_all({
    "launched": "a lancé une alerte", "launch_pin_refused": "PIN faux",
    "launch_pin_asked": "PIN demandé", "launch_read_back": "alerte relue, code demandé",
    "launch_cancel_asked": "veut arrêter une alerte : code demandé",
    "launch_cancelled": "a arrêté une alerte", "launch_lifted": "a débloqué un téléphone",
    "launch_status": "a demandé l'état", "launch_list": "a demandé la liste des alertes",
    "launch_late": "code trop vieux", "launch_wrong_code": "code faux",
    "launch_which": "lancement sans dire pour quelle commune",
    "launch_refused": "alerte non lancée", "launch_dropped": "a renoncé à lancer",
})  # fmt: skip


# --- by SMS -----------------------------------------------------------------------------------


def ask_pin(town: str) -> str:
    """Ask for the PIN."""
    return f"Tocsin {short(town, 30)} : PIN ?"


NO_PIN = (
    "Ce téléphone n'a pas encore de PIN : demandez-le à la mairie "
    "(Messages, Téléphone, Téléphones autorisés)."
)


def wrong_pin(left: int, until: str) -> str:
    """Say that a PIN is wrong, and how many more may be, or until when none is taken."""
    if until:
        return f"PIN faux. Plus aucun PIN n'est accepté avant {until}."
    return f"PIN faux. Encore {left} essai{'s' if left > 1 else ''}."


def held_off(until: str) -> str:
    """Say that no PIN is taken now."""
    return (
        f"Plus aucun PIN n'est accepté de ce téléphone avant {until}, sauf si un autre responsable "
        "le débloque."
    )


def listed(names: Sequence[tuple[int, str, str]]) -> str:
    """Return the list of scenarios: place, name and word of each."""
    if not names:
        return "Aucun scénario d'alerte. Préparez-en un sur la page de Tocsin."
    lines = [f"{place} {short(name)}{f' ({word.upper()})' if word else ''}"
             for place, name, word in names[:12]]  # fmt: skip
    more = [f"et {len(names) - 12} autres"] if len(names) > 12 else []
    return "\n".join([*lines, *more, "Répondez par un numéro ou un mot."])


def which_town(towns: Sequence[str]) -> str:
    """Ask for which town something is to be launched."""
    names = " ou ".join(short(one, 30) for one in towns)
    return f"Pour quelle commune ? Ajoutez son nom après le mot : {names}."


def read_back(
    title: str, text: str, people: int, seconds: float, code: str, before: str, warning: str = ""
) -> tuple[str, str]:
    """Return what is read back before a launch: the alert, and what it takes to let it go."""
    told = f"{before} " if before else ""
    load = f"{people_of(people)}, {lasting(seconds)}. {_warned(warning)}"
    return f'{told}{short(title)} : "{text}"', f"{load}Pour lancer répondez OUI {code}"


def _warned(warning: str) -> str:
    return f"{short(warning, 120).rstrip('.')}. " if warning else ""


def already(at: str, by: str) -> str:
    """Say that the same alert has left a while ago."""
    return f"ATTENTION, déjà lancée {at} par {short(by, 30)} !"


def launched(title: str, people: int) -> str:
    """Say that an alert has left."""
    return (
        f"L'alerte part : {short(title)}, {people_of(people)}. "
        "Où en est-on : ETAT. Pour stopper : ANNULE."
    )


GONE = "C'est déjà fait avec ce code : rien de plus n'est parti."
TOO_LATE = "Ce code n'est plus valable (10 minutes). Recommencez avec le mot et le PIN."
NEEDS_CODE = "Répondez OUI suivi des 4 chiffres du code."
DROPPED = "C'est noté, rien ne part."
STALE = "Tocsin était hors service : rien n'est parti. Recommencez avec le mot et le PIN."


def wrong_code(left: int) -> str:
    """Say that a code is not the one that was given."""
    if left:
        return f"Ce n'est pas le bon code. Encore {left} essai{'s' if left > 1 else ''}."
    return "Ce n'est pas le bon code. Rien ne part. Recommencez avec le mot et le PIN."


def ask_cancel(title: str, code: str) -> str:
    """Ask for the code that cancels an alert."""
    return f"Pour stopper l'alerte {short(title)}, répondez OUI {code}"


NOTHING_RUNS = "Aucune alerte n'est en cours : rien à stopper."


def cancelled(title: str, withdrawn: int, joined: int) -> str:
    """Say that an alert was cancelled, and how many people have it all the same."""
    return (
        f"Stoppée : {short(title)}. {withdrawn} envois retirés. "
        f"{people_of(joined)} l'ont déjà : prévenez-les de la fausse alerte."
    )


def progress(
    title: str, after: str, people: int, joined: int, confirmed: int, *, asks: bool = False
) -> str:  # fmt: skip
    """Say how far an alert has got; ``after``: when, empty for now; ``asks``: to confirm it."""
    if asks:
        return (
            f"{short(title)}{f', {after}' if after else ''} : {people_of(people)}, "
            f"{confirmed} ont confirmé, {people - confirmed} pas encore ({joined} l'ont reçue)."
        )
    return (
        f"{short(title)}{f', {after}' if after else ''} : {people_of(people)}, {joined} jointes, "
        f"{confirmed} ont confirmé, {people - joined} pas jointes."
    )


# --- to the other launchers ------------------------------------------------------------------


def warn_wrong(name: str, number: str) -> str:
    """Tell the others of a wrong PIN."""
    return f"Tocsin : PIN faux depuis le téléphone de {short(name, 30)} ({number})."


def warn_locked(name: str, number: str, until: str, code: str) -> str:
    """Tell the others that a number is held off, and how to let it in again."""
    return (
        f"Tocsin : trop de PIN faux depuis le téléphone de {short(name, 30)} ({number}), bloqué "
        f"avant {until}. Si c'est bien cette personne, débloquez : OUI {code}"
    )


def lifted(number: str) -> str:
    """Say that a number is let in again."""
    return f"Le {number} peut de nouveau donner son PIN."


NOT_OURS = "Ce numéro n'est pas celui d'un autre responsable : rien n'a changé."


def told_launch(title: str, by: str, people: int) -> str:
    """Tell the others of a launch."""
    return (
        f"Tocsin : {short(by, 30)} a lancé l'alerte {short(title)} par téléphone, "
        f"{people_of(people)}. Pour stopper : ANNULE."
    )


# --- by voice ----------------------------------------------------------------------------------


def hello(town: str, *, waiting: bool) -> str:
    """Ask a caller for the PIN."""
    other = " Pour écouter le message qui vous attend, appuyez sur étoile." if waiting else ""
    return (
        f"Tocsin, mairie {of_town(town)}. Pour lancer une alerte, tapez votre code PIN, "
        f"puis la touche dièse.{other}"
    )


PIN_AGAIN = "Ce code PIN est faux. Tapez-le de nouveau, puis la touche dièse."
CALL_LOCKED = "Trop de codes faux. Ce téléphone est bloqué pour un quart d'heure. Au revoir."
NONE_READY = "Aucun scénario d'alerte n'est prêt. Au revoir."
NEXT_PAGE = "Pour la suite, appuyez sur la touche dièse."
HEAR_AGAIN = "Pour réécouter, appuyez sur zéro."
CODE_AGAIN = "Ce n'est pas le bon code. Rien n'est parti."
LEAVES = "L'alerte part."
CROSSED = (
    "Cette alerte vient d'être lancée par quelqu'un d'autre. Rien de plus n'est parti. "
    "Rappelez pour la lancer quand même."
)
NOTHING_LEFT = "Rien n'est parti. Au revoir."
EXCUSE = "Une alerte part en ce moment, la ligne est coupée. Au revoir."


def choice(key: int, name: str) -> str:
    """Say which key chooses a scenario."""
    return f"Touche {key} : {name}."


def spoken(title: str, text: str) -> str:
    """Return an alert as it is read back in a call, without what each person reads of their own."""
    return f"{title}. {' '.join(re.sub(r'{[^{}]*}', ' ', text).split())}"


def spoken_code(people: int, seconds: float, code: str, before: str, warning: str = "") -> str:
    """Return how many people, how long, and the code to type."""
    return (
        f"{before} {people_of(people)}, {lasting(seconds)}. {_warned(warning)}"
        "Pour lancer l'alerte, tapez le code : "
        f"{', '.join(code)}. Pour réécouter, appuyez sur étoile. Pour renoncer, raccrochez."
    ).strip()
