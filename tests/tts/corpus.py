"""As much French as one wants: sentences such as town halls write, drawn with a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

_OPENINGS: Final = (
    "Alerte crue", "Attention", "Message de la mairie", "Vigilance orange", "Information",
    "Rappel", "Consigne de sécurité", "Fin d'alerte", "Coupure d'eau", "Travaux",
)  # fmt: skip
_FACTS: Final = (
    "la rivière déborde à {h}", "la {road} est coupée jusqu'à {h}", "l'eau monte de {cm} cm",
    "l'école de {place} ferme à {h}", "le gymnase de {place} est ouvert à tous",
    "le conseil se réunit le {date} à {h}", "le vent atteindra {kmh} km/h cette nuit",
    "l'électricité sera coupée le {date} de {h} à {h2}", "il fera {deg} °C cet après-midi",
    "la collecte des déchets aura lieu le {date}", "un feu progresse vers {place}",
    "l'eau du robinet n'est plus potable à {place}", "le marché est déplacé place {name}",
)  # fmt: skip
_ORDERS: Final = (
    "Montez à l'étage", "Coupez le gaz et l'électricité", "Gagnez la salle communale",
    "N'allez pas chercher vos enfants", "Ne prenez pas votre voiture", "Fermez portes et volets",
    "Faites bouillir l'eau", "Appelez le {phone}", "Prévenez vos voisins, surtout les plus âgés",
    "Écoutez la radio", "Restez chez vous jusqu'à {h}", "Emportez vos médicaments et vos papiers",
    "Demandez {name} au {phone}", "Éloignez-vous des berges et des ponts",
)  # fmt: skip
_PLACES: Final = str.split(
    "Azille Homps Olonzac Rieux Peyriac Laure Puichéric Marseillette Trèbes Caunes Villeneuve "
    "Pépieux Siran Félines Cesseras Azillanet Aigne Minerve Quarante Bize Mirepeisset Ginestas"
)
_NAMES: Final = (
    "Mme Roux", "M. Bonnet", "Dr Petit", "Jean Jaurès", "Gal de Gaulle", "Mme Évrard", "M. Guilhem",
)  # fmt: skip


def sentences(seed: int) -> Iterator[str]:
    """Yield sentences without end; the same seed gives the same."""
    chance = random.Random(seed)
    while True:
        fields = {
            "h": f"{chance.randrange(24)}h{chance.choice(['', '15', '30', '45'])}",
            "h2": f"{chance.randrange(24)}h", "cm": chance.randrange(2, 200),
            "kmh": chance.randrange(60, 150), "deg": chance.randrange(-9, 43),
            "date": f"{chance.randrange(1, 29)}/{chance.randrange(1, 13):02}/2026",
            "phone": f"04 68 {chance.randrange(10, 99)} 00 {chance.randrange(10, 99)}",
            "road": f"{chance.choice(['D', 'RD', 'RN'])}{chance.randrange(1, 999)}",
            "place": chance.choice(_PLACES), "name": chance.choice(_NAMES),
        }  # fmt: skip
        yield f"{chance.choice(_OPENINGS)} : {chance.choice(_FACTS).format(**fields)}."
        yield f"{chance.choice(_ORDERS).format(**fields)}."


def texts(seed: int, characters: int = 700) -> Iterator[str]:
    """Yield messages of about ``characters`` each, some fifty seconds of speech."""
    together: list[str] = []
    for sentence in sentences(seed):
        together.append(sentence)
        if sum(map(len, together)) >= characters:
            yield " ".join(together)
            together = []
