"""Whatever reaches a door a few bytes away from the real thing: read, or refused in our words.

A file that once broke a parser is put beside the others here, and stays.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import load
from gateway.errors import ConfigError, Refused
from gateway.lists import child, columns, reading, sheet
from gateway.mail import reading as mails
from gateway.mail import returns
from modem.errors import ModemError
from modem.framing import LineFramer
from modem.sms import decode_incoming
from tests.gateway.mail.test_returns import KEY
from tts import telephony
from tts.errors import SpeechError

#: Changes tried on each file; TOCSIN_FUZZ=5000 for an evening.
TRIES = int(os.environ.get("TOCSIN_FUZZ", "40"))
HERE = Path(__file__).parent
#: One odd change: where, what is put there, how much of the original goes.
_CHANGE = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.binary(max_size=6), st.sampled_from([b"\0", b"\xff\xff\xff\x7f", b'"', b"\r\n"])),
    st.integers(0, 40),
)


def _list(data: bytes) -> None:
    opened = sheet.open_file(data)
    reading.read(opened, columns.propose(opened))


def _paste(data: bytes) -> None:
    opened = sheet.pasted(data.decode("utf-8", "replace"))
    reading.read(opened, columns.propose(opened))


def _sound(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.write_bytes(data)
        telephony.take_in(source, Path(folder, "out.wav"), -18.0, 120.0)


def _mail(data: bytes) -> None:
    mail = mails.parsed(data)
    mails.own_words(mails.body(mail))
    for part in mails.parts(mail):
        mails.content(part)
    returns.read(data, KEY)


def _config(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tocsin.toml")
        path.write_bytes(data)
        load(path)


def _line(data: bytes) -> None:
    framer = LineFramer()
    list(framer.feed(data))


def _pdu(data: bytes) -> None:
    decode_incoming(data.decode("latin-1"))


#: What reads a kind of file, and how it refuses one.
READERS: dict[str, tuple[Callable[[bytes], None], type[Exception]]] = {
    "list": (_list, Refused), "paste": (_paste, Refused), "sound": (_sound, SpeechError),
    "mail": (_mail, Refused), "config": (_config, ConfigError),
    "line": (_line, ModemError), "pdu": (_pdu, ModemError),
}  # fmt: skip
FILES = sorted(path for kind in READERS for path in (HERE / kind).iterdir())


def changed(data: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """Return ``data`` with some of it gone, and something odd in its place."""
    for where, new, gone in changes:
        at = int(where * len(data))
        data = data[:at] + new + data[at + gone :]
    return data


def test_every_kind_has_its_files_and_the_corpus_stays_small() -> None:
    """It is fetched with every clone."""
    assert {path.parent.name for path in FILES} == set(READERS)
    assert sum(path.stat().st_size for path in FILES) < 100_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_real_thing_is_read(path: Path) -> None:
    """A corpus of files nobody can read would fuzz the first line of each parser only."""
    READERS[path.parent.name][0](path.read_bytes())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@given(changes=st.lists(_CHANGE, min_size=1, max_size=4))
@settings(max_examples=TRIES, suppress_health_check=list(HealthCheck))
def test_what_is_nearly_it_is_read_or_refused(
    path: Path, changes: list[tuple[float, bytes, int]]
) -> None:
    """Anything else is a traceback in the journal, and a page that says nothing."""
    read, refusal = READERS[path.parent.name]
    try:
        read(changed(path.read_bytes(), changes))
    except refusal:
        return


def test_a_sheet_as_wide_as_a_bomb_is_refused_in_a_process_of_its_own() -> None:
    """The parent reads no workbook itself, so none can take its memory."""
    data = (HERE / "list" / "classeur.xlsx").read_bytes()
    with pytest.raises(Refused):
        child.open_file(data[: len(data) // 2])
