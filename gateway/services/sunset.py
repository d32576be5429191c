"""What a modem's radio is still worth in France: the operators' announced ends of 2G and 3G.

As announced at the end of 2026; a SIM's operator is read from the first five digits of its IMSI.
"""

from __future__ import annotations

from typing import Final

from gateway.sentences import fr, fr_all

_OPERATORS: Final = {
    "20801": "Orange", "20802": "Orange", "20809": "SFR", "20810": "SFR", "20811": "SFR",
    "20813": "SFR", "20815": "Free", "20816": "Free", "20820": "Bouygues Telecom",
    "20821": "Bouygues Telecom",
}  # fmt: skip
#: When each generation ends, by operator.
_ENDS: Final = fr_all(
    {
        2: {
            "Orange": "Orange arrête la 2G département par département, partout d’ici fin "
            "décembre 2026",
            "SFR": "SFR arrête la 2G fin 2026",
            "Bouygues Telecom": "Bouygues Telecom arrête la 2G fin 2026",
            "Free": "Free n’a pas de 2G à lui",
        },
        3: {
            "Orange": "Orange arrêtera la 3G à partir de fin 2028",
            "SFR": "SFR arrêtera la 3G fin 2028",
            "Bouygues Telecom": "Bouygues Telecom arrêtera la 3G fin 2029",
            "Free": "Free démonte sa 3G depuis novembre 2025",
        },
    }
)
_ANYWHERE: Final = fr_all(
    {
        2: "les opérateurs français arrêtent la 2G d’ici fin 2026",
        3: "les opérateurs français arrêteront la 3G en 2028 et 2029",
    }
)
_ADVICE: Final = fr_all(
    {
        2: "Remplacez-le par un modem 4G qui sait appeler en VoLTE.",
        3: "Prévoyez un modem 4G qui sait appeler en VoLTE.",
    }
)


def operator_of(imsi: str) -> str:
    """Return the operator that issued a SIM, empty where we do not know it."""
    return _OPERATORS.get(imsi[:5], "")


def warning(generation: int | None, imsi: str) -> str:
    """Return what to say in red of a modem that ends at ``generation``; empty from 4G on."""
    if generation not in _ENDS:
        return ""
    end = _ENDS[generation].get(operator_of(imsi), _ANYWHERE[generation])
    return fr(
        "Modem {generation}G seulement : {end}. {advice}",
        generation=generation,
        end=end,
        advice=_ADVICE[generation],
    )
