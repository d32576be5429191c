"""Templates, languages and the addresses of static files.

Job: one Jinja environment for each language, French being the source. Not its job: HTTP.
Imported by `web.app` and, through `web.keys`, by the views.
"""

from __future__ import annotations

import contextlib
import gettext
import hashlib
import io
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final

import jinja2
import jinja2.runtime
from jinja2.bccache import Bucket
from jinja2.filters import do_join
from markupsafe import Markup

from gateway.services import Sentence
from web import formats

_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
#: Languages a page can have; the first is the source.
LANGUAGES: Final = ("fr", "en")
#: Texts without values kept ready for a page; the templates hold some two thousand.
_MOST_TEXTS: Final = 8192


class _French(gettext.NullTranslations):
    """The source texts themselves; in French zero is singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if n < 2 else msgid2


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the texts of ``language``, compiled from its .po file on first use."""
    if language == "fr":
        return _French()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = _HERE / "locale" / language / "LC_MESSAGES" / "messages.po"
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def static(path: str) -> str:
    """Return the address of a static file, which changes when the file does."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


class _Kept(jinja2.FileSystemBytecodeCache):
    """Templates as they were compiled once; a full disk only makes the next start slower."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, if there is room."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


class Pages:
    """Every template, in every language."""

    def __init__(self, compiled: Path | None = None) -> None:
        """Build the environments; ``compiled``: a folder that keeps what was compiled once."""
        self._environments = {language: _environment(language, compiled) for language in LANGUAGES}

    def render(self, template: str, language: str, context: dict[str, Any]) -> str:
        """Return the HTML of ``template``; raises `jinja2.TemplateNotFound`."""
        return self._environments[language].get_template(template).render(context)

    def warm(self) -> None:
        """Compile every template now: at its first visit that would hold up calls in progress.

        From a second start on it is read from where the first one has kept it.
        """
        for environment in self._environments.values():
            for name in environment.list_templates(extensions=["html"]):
                environment.get_template(name)


def said(texts: gettext.NullTranslations, value: Any) -> Any:
    """Return a sentence in the language of ``texts``; anything else as it is."""
    return value.said(texts.gettext, texts.ngettext) if isinstance(value, Sentence) else value


def _say_everything(
    environment: jinja2.Environment, texts: gettext.NullTranslations, say: Callable[[Any], Any]
) -> None:
    """Let whatever a template prints, fills in or joins be said in its reader's language.

    Printed sentences are said and then escaped: a name inside one is never taken for HTML.
    """
    environment.finalize = say
    fixed = lru_cache(_MOST_TEXTS)(partial(_fixed, texts))
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _filling(environment.globals[name], say, fixed)
    environment.globals["_"] = environment.globals["gettext"]

    @jinja2.pass_eval_context
    def join(context: jinja2.nodes.EvalContext, parts: Iterable[Any], between: str = "") -> Any:
        return do_join(context, map(say, parts), between)

    environment.filters["join"] = join
    environment.filters["capital"] = lambda text: say(text)[:1].upper() + say(text)[1:]


def _fixed(texts: gettext.NullTranslations, text: str) -> Markup:
    # S704: a template's own text or our translation of it, as Jinja's extension takes them too
    return Markup(texts.gettext(text)) % {}  # noqa: S704


def _filling(
    translate: Any, say: Callable[[Any], Any], fixed: Callable[[str], Markup]
) -> Callable[..., Any]:
    """``fixed`` knows the texts without values: a page has hundreds, 30 µs each to look up."""

    @jinja2.pass_context
    def filled(context: jinja2.runtime.Context, *texts: Any, **values: Any) -> Any:
        if not values and len(texts) == 1 and type(texts[0]) is str:
            return fixed(texts[0])
        return translate(context, *texts, **{name: say(value) for name, value in values.items()})

    return filled


def _saying(language: str, say: Callable[[str], str]) -> Callable[..., Markup]:
    """Return the filter that writes a moment as people say it now, the whole date behind it."""

    @jinja2.pass_context
    def said(context: jinja2.runtime.Context, when: datetime, *, capital: bool = False) -> Markup:
        """``capital``: it begins a sentence."""
        words = formats.said(when, context["now"], language, say)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            when.isoformat(timespec="minutes"), formats.moment(when, language),
            words[:1].upper() + words[1:] if capital else words,
        )  # fmt: skip

    return said


@cache
def _environment(language: str, compiled: Path | None) -> jinja2.Environment:
    if compiled:
        with contextlib.suppress(OSError):
            compiled.mkdir(mode=0o700, exist_ok=True)
    environment = jinja2.Environment(
        bytecode_cache=_Kept(str(compiled)) if compiled else None,
        loader=jinja2.FileSystemLoader([_HERE / "templates", _HERE / "help"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    texts = translations(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    _say_everything(environment, texts, partial(said, texts))
    environment.globals.update(
        static=static,
        language=language,
        bars=formats.bars,
        best_first=formats.best_first,
        squares=formats.squares,
    )
    for name in ("number", "moment", "hour", "day", "month", "weekday", "weekday_month", "precise"):
        environment.filters[name] = partial(getattr(formats, name), language=language)
    environment.filters["said"] = _saying(language, texts.gettext)
    environment.filters["duration"] = partial(formats.duration, say=texts.gettext)
    return environment
