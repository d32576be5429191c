"""An SMS as words that compare: no case, accents or endings, shorthand written out. Pure.

`words` keeps where each word stands in the text, so that names come back as they were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

#: Keys of what is not a word: a pause, a new line, a question, a thumb, a code, a number to call.
PAUSE: Final = "|"
LINE: Final = "¶"
ASKED: Final = "§"
CODE: Final = "#"
PHONE: Final = "%"
HOUR: Final = "&"
UP: Final = "pouceleve"
DOWN: Final = "poucebaisse"
BREAKS: Final = frozenset({PAUSE, LINE, ASKED})

#: Signs that say a word; any other picture says nothing.
SIGNS: Final = {
    "👍": UP, "👌": UP, "✅": UP, "✔": UP, "☑": UP, "🆗": UP, "🙏": "merci", "🆘": "sos",
    "👎": DOWN, "❌": DOWN, "🔥": "feu", "😂": "lol", "🤣": "lol", "🤔": "bof", "🙄": "bof",
    "🤷": "bof", "😏": "bof", "📞": "", "🏻": "", "🏼": "", "🏽": "", "🏾": "", "🏿": "",
}  # fmt: skip

#: How people write in a hurry, and what they mean; the spelling of endings needs no line here.
SHORT: Final = {
    # verbs run together
    "jve": "je veux", "veut": "veux", "peut": "peux", "jpe": "je peux", "chui": "je suis",
    "jai": "j ai", "ge": "j ai", "jle": "je l ai", "jlai": "je l ai", "lai": "l ai", "jy": "j y",
    "jen": "j en", "menvoyer": "m envoyer", "mecrire": "m ecrire", "mecrivez": "m ecrivez",
    "mappeler": "m appeler", "nai": "n ai", "sui": "suis", "sere": "serai", "done": "donne",
    "ressu": "recu", "resu": "recu", "reponds": "repond", "fe": "fait", "cest": "c est",
    "g": "j ai", "e": "est", "ya": "y a", "yaura": "y aura", "sa": "ca", "repon": "reponds",
    "reinscri": "reinscris", "recontacter": "rappeler", "rapl": "rappelle", "rapel": "rappelle",
    "kon": "qu on", "qun": "qu un", "quelqun": "quelqu un", "qq1": "quelqu un",
    "qqun": "quelqu un", "telefoner": "telephoner", "tel": "telephone", "lo": "l eau",
    "leau": "l eau", "anuler": "annuler",
    # little words
    "pa": "pas", "plu": "plus", "pr": "pour", "vs": "vous", "vou": "vous", "nou": "nous",
    "ke": "que", "ki": "qui", "qd": "quand", "kan": "quand", "ds": "dans", "tt": "tout",
    "tte": "toute", "ts": "tous", "tjs": "toujours", "tjrs": "toujours", "biensur": "bien sur",
    "tb": "tres bien", "mm": "meme", "bcp": "beaucoup", "bi1": "bien", "2main": "demain",
    "dmain": "demain", "ojd": "aujourd hui", "ajd": "aujourd hui", "auj": "aujourd hui",
    "ple": "plait", "sil": "s il", "vx": "veux", "px": "peux",
    # yes, no, received
    "wi": "oui", "ui": "oui", "oue": "oui", "oe": "oui", "ouai": "oui", "ouais": "oui",
    "ouep": "oui", "yep": "yes", "yeah": "yes", "nn": "non", "nan": "non", "nop": "non",
    "nope": "non", "niet": "non", "dac": "d accord", "dacc": "d accord", "dak": "d accord",
    "dacord": "d accord", "accor": "accord", "okay": "ok", "oki": "ok", "okey": "ok", "oke": "ok",
    "okok": "ok ok", "okk": "ok", "volontier": "volontiers", "poss": "possible",
    "dispo": "disponible", "dsl": "desole", "sry": "sorry",
    # courtesy
    "stp": "svp", "svpp": "svp", "silvouplait": "svp", "pls": "svp", "please": "svp",
    "mersi": "merci", "mrc": "merci", "mci": "merci", "merki": "merci", "thx": "thanks",
    "bjr": "bonjour", "bjour": "bonjour", "bonj": "bonjour", "bsr": "bonsoir", "slt": "salut",
    "cdt": "cordialement", "cdlt": "cordialement", "biz": "bises", "mr": "monsieur",
    "mme": "madame", "mlle": "mademoiselle", "mrs": "madame",
    # things
    "msg": "message", "mesaj": "message", "sm": "sms", "txto": "texto", "txt": "texto",
    "num": "numero", "rdv": "rendez vous", "pb": "probleme", "ereur": "erreur",
    "erreure": "erreur", "presant": "present", "prst": "present", "pst": "present",
    "abs": "absent", "absan": "absent", "absant": "absent", "procu": "procuration",
    "desincription": "desinscription", "taf": "travail", "boulot": "travail", "boulo": "travail",
}  # fmt: skip

_TOKEN: Final = re.compile(
    r"(?P<phone>(?:\+33 ?|\b0)[1-9](?:[ .-]?\d\d){4}(?!\d))"
    r"|(?P<hour>\b(?:[01]?\d|2[0-4]) ?h(?:[0-5]\d)?(?!\w)|\b\d\d:\d\d\b)"
    r"|(?P<please>\bs\. ?[vt]\. ?p\b\.?)|(?P<five>\b5 ?/ ?5\b)"
    r"|(?P<code>(?<!\w)\d{4}(?!\w)|(?:(?<=\boui)|(?<=\bnon)|(?<=\bcode))\d{4}(?!\w))"
    r"|(?P<thats>\bc(?!\w|\.|['’ ](?:est|[eé]tai[ts]|[eéè]\b|qui|quoi|comment|ki)))"
    r"|(?P<undone>\bannulée?s?\b)|(?P<jai>\bj[eé]\b(?<=é))"
    r"|(?P<word>(?:oui|non|code)(?=\d{4}(?!\w))|[^\W_]+)"
    r"|(?P<line>\n)|(?P<asked>\?)|(?P<pause>[.,;:!()…=/]|(?<=\s)[-–—](?=\s))|(?P<quote>>)",
    re.IGNORECASE,
)  # fmt: skip
_KEYS: Final = {
    "phone": PHONE, "hour": HOUR, "five": "cinqsurcinq", "code": CODE, "line": LINE, "asked": ASKED,
    "pause": PAUSE, "quote": ">",
}  # fmt: skip
_SAID_SHORT: Final = {
    "please": ("svp",),
    "thats": ("c", "est"),
    "jai": ("j", "ai"),
    "undone": ("c", "est", "annul"),
}
_INITIAL: Final = re.compile(r"[^\W\d_]\.(?=\S|\s*[^\W\d_]{2})")
#: Said by whoever dictates.
_DICTATED: Final = frozenset({"virgul", "point"})
_ENDING: Final = re.compile(r"(?<=...)(?:e[rz]s?|ee?s?|[sx])$")
_RUN: Final = re.compile(r"([^\W\d_])\1{2,}")
_TWICE: Final = re.compile(r"([^\W\d_])\1")
_GLUED_I: Final = re.compile(r"j[bcdfglmnpqrstv][a-z]{2}")
#: Words shorter than this are compared as they are.
_LONG: Final = 4
#: Kept whole: without their last letters they would be other words.
_WHOLE: Final = frozenset({"mais", "sure", "aide", "point", "etes", "sais", "mercier"})
#: Said for the tone of it.
_DROPPED: Final = frozenset({"donc", "vraiment", "simplement", "svp"})
_PLEASE: Final = frozenset(
    ("s", "il", who, how)
    for who in ("vou", "te", "v", "vous")
    for how in ("plait", "plai", "plaît")
)
#: No pause after these, though a full stop follows.
_TITLES: Final = frozenset({"mr", "mme", "mlle", "dr", "fam", "m", "mrs", "vve", "ch", "av", "bd"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word: how it compares, and where it stands in the text."""

    key: str
    start: int
    end: int


def said(text: str) -> str:
    """Return a text with the signs that say a word written as words."""
    for sign, word in SIGNS.items():
        text = text.replace(sign, f" {word} ")
    return unicodedata.normalize("NFC", text)


def flat(text: str) -> str:
    """Return a text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def key(word: str) -> str:
    """Return how a flat word compares: letters once, no ending of plural or infinitive."""
    word = _RUN.sub(r"\1", word)
    if len(word) < _LONG or word in _WHOLE:
        return word
    return _ENDING.sub("", _TWICE.sub(r"\1", word))


_SPELT: Final = {key(flat(short)): tuple(meant.split()) for short, meant in SHORT.items()}


def written_out(word: str) -> tuple[str, ...]:
    """Return the words a flat word stands for; itself where it stands for nothing else."""
    meant = _SPELT.get(key(word))
    if meant is not None:
        return meant
    return ("je", *written_out(word[1:])) if _GLUED_I.match(word) else (word,)


def words(text: str) -> tuple[Word, ...]:
    """Return the words and breaks of a text whose signs are `said`, in order."""
    found: list[Word] = []
    title = False
    for match in _TOKEN.finditer(text):
        group, one = match.lastgroup or "", flat(match[0])
        initial = group == "word" and _INITIAL.match(text, match.start()) is not None
        if not (title and one == "."):
            keys = (f"{one}.",) if initial else _keys(group, one)
            found += [Word(each, *match.span()) for each in keys if each not in _DROPPED]
        title = initial or (group == "word" and one in _TITLES)
    return tuple(_without_please(found))


def _without_please(found: Sequence[Word]) -> Iterator[Word]:
    """Leave out « s'il vous plaît », which may stand anywhere."""
    place = 0
    while place < len(found):
        there = tuple(word.key for word in found[place : place + 4])
        if there in _PLEASE:
            place += 4
        else:
            yield found[place]
            place += 1


def _keys(group: str, one: str) -> tuple[str, ...]:
    if group in _SAID_SHORT:
        return _SAID_SHORT[group]
    if group != "word":
        return (_KEYS[group],)
    keys = tuple(key(each) for each in written_out(one))
    return (PAUSE,) if keys[0] in _DICTATED else keys


#: Characters of a text that is nothing but a STOP.
_SHORT_STOP: Final = 30
#: Between the letters of a STOP spelt out, and around it.
_GAP: Final = r"[\s.\-_*·]"
#: A STOP with a nought in it, its letters apart, or the next word stuck to it.
_A_STOP: Final = re.compile(
    rf"(?<!\w)(?:st[o0]p|s({_GAP}{{1,2}})t\1[o0]\1p|(?:st[o0]p){{2,3}})"
    r"(?P<stuck>sms|tout|pub|alertes?|services?|informations?|messages?)?(?!\w)",
    re.IGNORECASE,
)
_LETTERS_OF_STOP: Final = re.compile(
    rf"(?:{_GAP}|[«»\"'()!,;:])*s{_GAP}*t{_GAP}*[o0]{_GAP}*p(?:{_GAP}|[«»\"'()!,;:])*",
    re.IGNORECASE,
)


def with_plain_stop(text: str) -> str:
    """Return a text with a STOP that was spelt otherwise written as one."""
    if len(text) < _SHORT_STOP and _LETTERS_OF_STOP.fullmatch(text):
        return "STOP"
    return _A_STOP.sub(lambda match: f"STOP {match['stuck'] or ''}".rstrip(), text)
