"""What the telephones received, for people and programs outside this process.

Job: ``handsets.jsonl``, one JSON line per message or call as it was received, and
``calls/*.wav``, exactly what was heard. Not its job: deciding what was received
(`modem.emulator.network` calls `on_record`). Used by `modem.emulator.terminal` and tests.
"""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from modem.emulator.handset import ReceivedCall, ReceivedSms

_RATE: Final = 8000


@dataclass(frozen=True, slots=True)
class Record:
    """One thing one phone received; ``at`` is wall time, when it was over or whole."""

    to: str
    at: datetime
    what: ReceivedSms | ReceivedCall

    def as_json(self, wav: str | None = None) -> dict[str, object]:
        """Return the line of ``handsets.jsonl``; ``wav`` is the file of what was heard."""
        what = self.what
        line: dict[str, object] = {
            "kind": "sms" if isinstance(what, ReceivedSms) else "call",
            "to": self.to,
            "from": what.sender,
            "modem": what.modem,
            "at": self.at.isoformat(timespec="milliseconds"),
        }
        if isinstance(what, ReceivedSms):
            return line | {"text": what.text, "parts": what.parts, "flash": what.flash}
        heard = 0.0 if what.answered_at is None else what.ended_at - what.answered_at
        return line | {
            "outcome": what.outcome,
            "keys": what.keys,
            "wav": wav,
            "seconds": round(heard, 2),
        }


class Recorder:
    """Writes records into a directory, made when missing. Raises OSError as files do."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        (directory / "calls").mkdir(parents=True, exist_ok=True)
        (directory / "handsets.jsonl").touch()
        self._calls = 0

    def write(self, record: Record) -> None:
        """Append one record."""
        wav = None
        if isinstance(record.what, ReceivedCall) and record.what.answered_at is not None:
            wav = self._write_wav(record, record.what.pcm)
        line = json.dumps(record.as_json(wav), ensure_ascii=False)
        with (self._directory / "handsets.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _write_wav(self, record: Record, pcm: bytes) -> str:
        self._calls += 1
        stamp = f"{record.at:%Y%m%dT%H%M%S}"
        name = f"calls/{stamp}-{self._calls:04d}-{record.to.removeprefix('+')}.wav"
        with wave.open(str(self._directory / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(_RATE)
            file.writeframes(pcm)
        return name
