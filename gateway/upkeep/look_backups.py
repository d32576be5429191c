"""A look at the backups: how old the last good one is, which places fail, who can read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.config import Config
from gateway.sentences import fr
from gateway.upkeep import backed_up, findings
from gateway.upkeep.backed_up import BackedUp, Known
from gateway.upkeep.findings import Finding
from gateway.watch import STALE_BACKUP

_DAY: Final = 86400.0


def backups(config: Config, known: Known, now: float) -> Iterator[Finding]:
    """Tell how old the last good backup is, where one is missing, who can read them."""
    if not config.backup.to:
        yield findings.fault(
            "backup", fr("aucune sauvegarde n'est prévue : un disque mort emporte tout"),
            fr('[backup] to = ["usb:TOCSIN"] dans la configuration'),
        )  # fmt: skip
        return
    seen = backed_up.remembered(known)
    yield _age(config, seen, now)
    yield from _failures(config, seen)
    if not seen.good or seen.good["sealed"]:
        return
    if config.backup.recipient:  # since then, or after a restore whose record is older
        yield findings.warning(
            "backup.sealed",
            fr("la dernière sauvegarde notée n'est pas chiffrée, la prochaine le sera"),
            fr("tocsin backup"),
        )
    else:
        yield findings.warning(
            "backup.sealed",
            fr("les sauvegardes ne sont pas chiffrées : qui les trouve les lit"),
            "tocsin backup --new-key",
        )


def _age(config: Config, seen: BackedUp, now: float) -> Finding:
    if seen.good_at is None:
        said = fr("aucune sauvegarde n'a encore été faite")
        if any(one.fails for one in seen.places.values()):
            said = fr("aucune sauvegarde n'est encore arrivée nulle part")
        return findings.fault("backup", said, fr("tocsin backup"))
    days = (now - seen.good_at) / _DAY
    if days < -1:
        return findings.fault(
            "backup",
            fr("la dernière bonne sauvegarde est datée de {days:.0f} jours à venir : l'horloge "
               "était fausse, son âge n'est pas connu", days=-days),
            fr("tocsin backup"),
        )  # fmt: skip
    lost = [one for one in config.backup.to if one in seen.places and seen.places[one].fails]
    if days > STALE_BACKUP or len(lost) == len(config.backup.to):
        return findings.fault(
            "backup",
            fr(
                "dernière bonne sauvegarde il y a {days:.0f} jours, {n} destination(s) en échec",
                days=days,
                n=len(lost),
            ),
            fr("tocsin backup"),
        )
    return findings.good("backup", fr("sauvegardé il y a {hours:.0f} h", hours=max(days * 24, 0)))


def _failures(config: Config, seen: BackedUp) -> Iterator[Finding]:
    """Tell each place whose last try failed; one tried by hand until a good backup follows."""
    for name, one in seen.places.items():
        by_hand = name not in config.backup.to
        if not one.fails or (by_hand and (one.failed_at or 0.0) < (seen.good_at or 0.0)):
            continue
        yield findings.warning(
            "backup.failed",
            fr("la sauvegarde n'arrive pas à {place} : {trouble}", place=name, trouble=one.trouble),
            fr("tocsin backup --to {place} réessaie", place=name),
        )
