"""What ``tocsin say`` and ``tocsin voice try`` share: a text spoken the way a call would speak it.

Job: the voices in the configured order, the town's pronunciations, its rate and level; without a
configuration, espeak-ng. Not its job: rendering (`tts`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.config import DEFAULT_PATH, Config
from gateway.errors import Refused
from gateway.system_words import why

if TYPE_CHECKING:
    import tts

language_option = click.option(
    "--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True,
    help="La langue du texte.",
)  # fmt: skip


def wanted(given: Path | None) -> bool:
    """Return whether there is a configuration to read: one is named, or the usual one is there."""
    return given is not None or "TOCSIN_CONFIG" in os.environ or Path(DEFAULT_PATH).exists()


def lexicon_of(config: Config | None) -> dict[str, str]:
    """Return the town's pronunciations; none before the box has a database it may read."""
    if config is None or not config.database.is_file():
        return {}
    from gateway.store import sounds

    try:
        database = f"{config.database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return sounds.lexicon(connection, config.town.name)
    except sqlite3.Error as error:
        click.echo(f"sans les prononciations de la commune : {error}", err=True)
        return {}


def speak_to(
    output: Path, text: str, config: Config | None, *, lang: str = "fr",
    first: str | None = None, rate: int | None = None, level: float | None = None,
) -> None:  # fmt: skip
    """Write ``text`` as a WAV to ``output`` and tell which voice spoke; raise `Refused`.

    ``first`` is a voice to try before the configured ones; ``rate`` (words a minute) and
    ``level`` (dBov) replace the configured ones.
    """
    import tts
    from gateway.config import SpeechSettings
    from gateway.lexicon import pronounced
    from tts import voices

    if not output.parent.is_dir():
        raise Refused(f"le dossier {output.parent} n'existe pas : créez-le d'abord")
    speech = config.speech if config else SpeechSettings(engines=("espeak",))
    order = (first, *speech.engines) if first else speech.engines
    place = config.voices if config else Path()
    with tempfile.TemporaryDirectory() as folder:
        try:
            rendered = tts.render(
                pronounced(text, lexicon_of(config)), cache_dir=Path(folder), voice=lang,
                rate=rate or speech.rate, target_dbov=speech.level if level is None else level,
                engines=voices.engines(order, place, speech.piper_voice),
            )  # fmt: skip
            shutil.copyfile(rendered.pcm_path, output)
        except tts.SpeechError as error:
            raise Refused(_mend(str(error))) from None
        except OSError as error:
            raise Refused(f"{output} ne peut pas être écrit : {why(error)}") from None
    _tell(output, rendered, order, place, speech.piper_voice)


def _mend(error: str) -> str:
    if "nothing to say" in error:
        return "il n'y a rien à dire dans ce texte : écrivez au moins un mot"
    if "too many" in error:
        return f"ce texte est trop long pour être dit ({error}) : raccourcissez-le"
    return f"aucune voix n'a pu dire ce texte : {error}"


def _tell(
    output: Path, rendered: tts.Rendered, order: Sequence[str], place: Path, piper: Path | None
) -> None:
    from tts import voices

    for fact in voices.listed(place, piper):
        if fact.name in order and not fact.installed:
            click.echo(f"n'est pas installée : {fact.name} ({fact.note})", err=True)
    for failed in rendered.failed:
        click.echo(f"n'a pas parlé : {failed}", err=True)
    click.echo(
        f"{output} : {rendered.seconds:.1f} s, {rendered.level_dbov:.1f} dBov, "
        f"voix {rendered.engine}"
    )
