"""Abbreviations, units and acronyms of town halls, and what French people say for them.

Tables only, no rules. Imported by `tts.french`.
"""

from __future__ import annotations

from typing import Final

MONTHS: Final = str.split(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
)
SHORT_MONTHS: Final = {
    "janv": 1, "jan": 1, "fév": 2, "févr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "sep": 9,
    "oct": 10, "nov": 11, "déc": 12, "dec": 12,
}  # fmt: skip
SHORT_DAYS: Final = {
    "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi",
    "sam": "samedi", "dim": "dimanche",
}  # fmt: skip

LETTERS: Final = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        str.split(
            "a bé cé dé e effe gé ache i ji ka elle èmme ènne o pé ku erre esse té u vé "
            "double-vé ixe i-grec zède"
        ),
        strict=True,
    )
)
#: Acronyms with a vowel that are nevertheless spelled, and those that are said as a word the
#: engine would not find.
SPELLED: Final = frozenset(
    str.split(
        "AEP AG APL ARS ASVP CAF CCAS CIS CPAM DAE DDT DDTM EDF EPCI ERP GDF IGN ONF ONG PCA PCO "
        "PMI PPI PPRI RATP SIVU TER UHT ULM UV VUL ZA ZI"
    )
)
SAID: Final = {"SDIS": "esse-disse", "EHPAD": "épade", "EPHAD": "épade", "SAMU": "samu",
               "ORSEC": "orsec", "INSEE": "insé", "OK": "oké"}  # fmt: skip

#: After these a letter with a number is a door or a house, not a road.
PLACES: Final = ("bâtiment ", "appartement ", "porte ", "salle ", "escalier ", "allée ")

_NAME: Final = r"(?=\s[A-ZÀ-Ý])"
ABBREVIATIONS: Final[tuple[tuple[str, str], ...]] = (
    (r"\bMM\.(?=\s)", "Messieurs"),
    (r"\bM\.(?=\s?[A-ZÀ-Ý]|\sl[ea]\s|\sl')", "Monsieur"),
    (r"\bMr\.?(?=\s)", "Monsieur"),
    (r"\bMmes\b\.?", "Mesdames"),
    (r"\bMme\b\.?", "Madame"),
    (r"\bMlles\b\.?", "Mesdemoiselles"),
    (r"\bMlle\b\.?", "Mademoiselle"),
    (rf"\bMe{_NAME}", "Maître"),
    (rf"\bDrs\.?{_NAME}", "Docteurs"),
    (rf"\bDr\.?{_NAME}", "Docteur"),
    (rf"\bPr\.?{_NAME}", "Professeur"),
    (r"\bG(?:al|én)\b\.?(?=\s(?:[A-ZÀ-Ý]|de\s))", "Général"),
    (r"\bM(?:al|ar[ée]chal)\b\.?(?=\s(?:[A-ZÀ-Ý]|de\s))", "Maréchal"),
    (rf"\b(?:Cdt|Cmdt)\.?{_NAME}", "Commandant"),
    (r"\bCol\.(?=\s)", "Colonel"),
    (r"\bSts(?:\.\s?|-|\s)(?=[A-ZÀ-Ý])", "Saints "),
    (r"\bSt(?:\.\s?|-|\s)(?=[A-ZÀ-Ý])", "Saint "),
    (r"\bSte(?:\.\s?|-|\s)(?=[A-ZÀ-Ý])", "Sainte "),
    (r"\b[Nn][°º]s\s?(?=\w)", "numéros "),
    (r"\b[Nn][°º]\s?(?=\w)", "numéro "),
    (r"\bRDV\b|\brdv\b", "rendez-vous"),
    (r"\bRDC\b|\brdc\b", "rez-de-chaussée"),
    (r"\bSVP\b|\bsvp\b|\bs\.v\.p\.", "s'il vous plaît"),
    (r"\b[Tt][ée]l\.?\s?:?(?=\s?[\dz+])", "téléphone "),
    (r"\b[Bb][âa]t\.?(?=\s[A-Z0-9]\b)", "bâtiment"),
    (r"\b[Aa]pp?t\.?(?=\s?[A-Z]?\d)", "appartement "),
    (r"\b[Aa]v\.(?=\s)", "avenue"),
    (r"\b[Bb](?:l?v?d)\.?(?=\s)", "boulevard"),
    (r"\b[Ff]g\.?(?=\s)", "faubourg"),
    (r"\b[Rr]te\.?(?=\s)", "route"),
    (r"\b[Cc]h(?:em)?\.(?=\s)", "chemin"),
    (r"\b[Pp]l\.(?=\s)", "place"),
    (r"\b[Ii]mp\.(?=\s)", "impasse"),
    (r"\b[Rr][ée]s\.(?=\s)", "résidence"),
    (r"\b[Ll]ot\.(?=\s)", "lotissement"),
    (r"\b[Ee]nv\.(?=\s)", "environ"),
    (r"\b[Mm]ax\.(?=\s)", "maximum"),
    (r"\b[Mm]in\.(?=\s-?\d)", "minimum"),
    (r"\bT°", "température"),
    (r"\bSté\b\.?", "Société"),
    (r"\bCie\b\.?", "compagnie"),
    (r"\b[Rr]ens\.(?=\s)", "renseignements"),
    (r"\bpar pers\.", "par personne"),
    (r"(?<=\d)\s?hab\.", " habitants"),
    (r"(?<=\d)\s?pers\.", " personnes"),
    (r"\b[Ee]tc\b\.?", "et cetera"),
    (r"\bp\.\s?ex\.", "par exemple"),
    (r"\b[Cc]f\.", "voir"),
    (r"\b[Nn]\.?[Bb]\.?\s?:", "attention :"),
)

#: Units after a number: what is written, one, several; *f* where the unit is feminine.
UNITS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (r"km/h", "kilomètre à l'heure", "kilomètres à l'heure", "m"),
    (r"m(?:³|3)/s", "mètre cube par seconde", "mètres cubes par seconde", "m"),
    (r"[µu]g/m(?:³|3)", "microgramme par mètre cube", "microgrammes par mètre cube", "m"),
    (r"mm/h", "millimètre par heure", "millimètres par heure", "m"),
    (r"m/s", "mètre par seconde", "mètres par seconde", "m"),
    (r"km(?:²|2)", "kilomètre carré", "kilomètres carrés", "m"),
    (r"m(?:²|2)", "mètre carré", "mètres carrés", "m"),
    (r"m(?:³|3)", "mètre cube", "mètres cubes", "m"),
    (r"km", "kilomètre", "kilomètres", "m"),
    (r"cm", "centimètre", "centimètres", "m"),
    (r"mm", "millimètre", "millimètres", "m"),
    (r"m", "mètre", "mètres", "m"),
    (r"ha", "hectare", "hectares", "m"),
    (r"kg", "kilo", "kilos", "m"),
    (r"g", "gramme", "grammes", "m"),
    (r"t|tonnes?", "tonne", "tonnes", "f"),
    (r"[lL]", "litre", "litres", "m"),
    (r"kV", "kilovolt", "kilovolts", "m"),
    (r"kW", "kilowatt", "kilowatts", "m"),
    (r"[Vv]olts?|V", "volt", "volts", "m"),
    (r"min|mn|minutes?", "minute", "minutes", "f"),
    (r"s|sec|secondes?", "seconde", "secondes", "f"),
    (r"j", "jour", "jours", "m"),
    (r"°\s?C|°", "degré", "degrés", "m"),
    (r"M€", "million d'euros", "millions d'euros", "m"),
    (r"k€", "mille euros", "mille euros", "m"),
    (r"€|euros?|EUR", "euro", "euros", "m"),
    (r"%", "pour cent", "pour cent", "m"),
)
#: Nouns that make a number before them end in *une*.
FEMININE: Final = (
    "personnes?|familles?|maisons?|rues?|voies?|routes?|communes?|écoles?|places?|voitures?|"
    "semaines?|années?|journées?|nuits?|fois|victimes?|équipes?|touches?|heures?"
)
KINGS: Final = "Louis|Henri|Charles|François|Napoléon|Philippe|Pie|Jean-Paul|Benoît"
