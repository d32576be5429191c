"""NUT's network protocol, as much of it as reads a supply: ``GET VAR``.

Not its job: what the words mean (`supply`). Source: NUT's guide for developers, "Network protocol
information".
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from typing import Final

from gateway.config_box import PowerSettings
from gateway.credentials import secret
from gateway.errors import TocsinError
from gateway.sentences import fr
from gateway.system_words import why

#: Seconds for the whole conversation.
PATIENCE: Final = 5.0
_VALUE: Final = re.compile(r'VAR \S+ \S+ "(.*)"')
_NO_SUCH: Final = "VAR-NOT-SUPPORTED"


async def read(settings: PowerSettings, names: Sequence[str]) -> dict[str, str]:
    """Return those of these variables that the supply has.

    Raises `TocsinError` with the reason, in words, where NUT does not tell.
    """
    try:
        name, host, port = settings.place
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                await _enter(settings, reader, writer)
                found = [await _get(name, one, reader, writer) for one in names]
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        raise TocsinError(fr("NUT ne répond pas en {limit:.0f} s", limit=PATIENCE)) from None
    # ValueError: a line without end; OverflowError: a port that is none
    except (OSError, ValueError, OverflowError) as error:
        raise TocsinError(fr("NUT n'est pas joignable : {error}", error=why(error))) from error
    return {one: value for one, value in zip(names, found, strict=True) if value is not None}


async def _enter(
    settings: PowerSettings, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if settings.username:
        await _ask(f"USERNAME {settings.username}", reader, writer)
    if settings.password_file:
        await _ask(f"PASSWORD {secret(settings.password_file)}", reader, writer)


async def _get(
    supply: str, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> str | None:
    line = await _ask(f"GET VAR {supply} {name}", reader, writer)
    if line.startswith(f"ERR {_NO_SUCH}"):
        return None
    value = _VALUE.fullmatch(line)
    if value is None:
        raise TocsinError(fr("NUT a répondu ce que Tocsin ne comprend pas"))
    return value[1]


async def _ask(line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Say one line and return the one that answers it; a refusal becomes its sentence."""
    writer.write(f"{line}\n".encode())
    answer = (await reader.readline()).decode(errors="replace")
    if not answer.endswith("\n"):
        raise TocsinError(fr("NUT a coupé la communication"))
    refused = answer.removeprefix("ERR ").split() if answer.startswith("ERR ") else []
    if refused and refused[0] != _NO_SUCH:
        raise TocsinError(_why(refused[0]))
    return answer.strip()


def _why(code: str) -> str:
    """Return NUT's refusal in words."""
    return {
        "ACCESS-DENIED": fr("NUT refuse ce compte ou cette machine"),
        "UNKNOWN-UPS": fr("NUT ne connaît pas d'onduleur de ce nom"),
        "DATA-STALE": fr("NUT n'a plus de nouvelles de l'onduleur"),
        "DRIVER-NOT-CONNECTED": fr("le pilote de NUT pour l'onduleur ne tourne pas"),
    }.get(code) or fr("NUT refuse : {code}", code=code)
