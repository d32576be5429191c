"""What is wrong with the configuration file, with its line and the mend. Pure.

The parsers say it in English and for Python; whoever reads this has an editor open.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

_SAID: Final = {
    "extra_forbidden": "clé inconnue : vérifiez son orthographe, ou retirez-la",
    "missing": "clé obligatoire absente : ajoutez-la",
    "literal_error": "valeurs possibles : {expected}",
    "string_type": "attend un texte entre guillemets",
    "string_too_short": "ne peut pas être vide",
    "string_too_long": "est trop long : {max_length} caractères au plus",
    "path_type": "attend un chemin entre guillemets",
    "int_type": "attend un nombre entier, sans guillemets",
    "int_parsing": "attend un nombre entier, sans guillemets",
    "int_from_float": "attend un nombre entier, sans virgule",
    "float_type": "attend un nombre, sans guillemets",
    "float_parsing": "attend un nombre, sans guillemets",
    "bool_type": "attend true ou false, sans guillemets",
    "bool_parsing": "attend true ou false, sans guillemets",
    "tuple_type": 'attend une liste, ["…"] ; pour des tables, de doubles crochets, [[{name}]]',
    "list_type": 'attend une liste, ["…"] ; pour des tables, de doubles crochets, [[{name}]]',
    "model_type": "attend une table : [{name}], avec ses clés dessous",
    "model_attributes_type": "attend une table : [{name}], avec ses clés dessous",
    "dict_type": "attend une table : [{name}], avec ses clés dessous",
    "greater_than": "doit dépasser {gt}",
    "greater_than_equal": "doit valoir au moins {ge}",
    "less_than": "doit rester sous {lt}",
    "less_than_equal": "doit valoir {le} au plus",
}
#: What a key must look like.
_SHAPES: Final = {
    "imei": "attend les 15 chiffres de l'IMEI, entre guillemets",
    "name": "attend 1 à 40 lettres sans accent, chiffres, - _ ou .",
    "sign_of_life_at": "attend une heure, comme « 08:00 »",
    "domain": "attend un nom de domaine, comme « mairie.exemple.fr »",
}


def told(path: Path, text: str, item: Any) -> str:
    """Return one of pydantic's errors as a sentence that names the key and its line."""
    keys = [part for part in item["loc"] if part != "function-after"]
    name = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys).lstrip(".")
    return f"{path}, ligne {line_of(text, keys)} : {name} : {_wrong(item, keys)}"


def _wrong(item: Any, keys: list[str | int]) -> str:
    last = next((str(key) for key in reversed(keys) if isinstance(key, str)), "")
    if item["type"] == "string_pattern_mismatch" and last in _SHAPES:
        return _SHAPES[last]
    if item["type"] not in _SAID:
        return str(item["msg"]).removeprefix("Value error, ")
    values = {**item.get("ctx", {}), "name": last}
    if "expected" in values:
        values["expected"] = str(values["expected"]).replace(" or ", " ou ")
    return _SAID[item["type"]].format(**values)


def not_toml(path: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    """Return why a text is no TOML; the parser's place is where it gave up, often just behind."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line = int(found[1]) if found else max(len(text.splitlines()), 1)
    why = "une clé ou une table y est donnée deux fois" if _twice(str(error)) else (
        "vérifiez sur cette ligne et celle d'avant les guillemets droits (\"), les crochets, le "
        "signe = et les accents des clés"
    )  # fmt: skip
    return f"{path}, ligne {line} : ce n'est pas du TOML : {why}"


def too_deep(path: Path, text: str) -> str:
    """Say where brackets stand in each other without end: nobody wrote such a file by hand."""
    lines = text.splitlines()
    line = 1 + max(range(len(lines)), key=lambda n: lines[n].count("[") + lines[n].count("{"))
    return (
        f"{path}, ligne {line} : ce n'est pas du TOML : trop de crochets les uns dans les autres ; "
        "fermez-les, ou reprenez la configuration d'une sauvegarde"
    )


def _twice(said: str) -> bool:
    return "Cannot overwrite" in said or "twice" in said or "Cannot mutate" in said


def not_utf8(path: Path, data: bytes, error: UnicodeDecodeError) -> str:
    """Return where a file stops being UTF-8."""
    line = data[: error.start].count(b"\n") + 1
    return (
        f"{path}, ligne {line} : ce n'est pas de l'UTF-8 : enregistrez le fichier en UTF-8, ou "
        f"« iconv -f latin1 -t utf-8 {path} »"
    )


def line_of(text: str, keys: list[str | int]) -> int:
    """Return the line (from 1) where a key stands, or where the table it is missing from begins.

    A key of a table on one line, ``match = { imei = "…" }``, is on the line of that table.
    """
    for end in range(len(keys), 0, -1):
        if (line := _line(text, keys[:end])) is not None:
            return line
    return 1


def _line(text: str, keys: list[str | int]) -> int | None:
    table = [str(key) for key in keys[:-1] if not isinstance(key, int)]
    number = next((key for key in keys if isinstance(key, int)), 0)
    found, inside, seen = None, not table, -1
    for line, content in enumerate(text.splitlines(), 1):
        header = re.fullmatch(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?", content)
        if header:
            same = header[2].split(".") == (table or [str(keys[-1])])
            seen += same
            inside = same and (header[1] == "[" or seen == number)
            found = line if inside else found
        elif inside and re.match(rf"\s*\"?{re.escape(str(keys[-1]))}\"?\s*=", content):
            return line
    return found
