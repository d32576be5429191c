"""Machines heard in the audio of a call: a greeting that does not pause, and the beep after it.

Job: telephone PCM in, hints out. A person who answers says some words and waits; a machine, or an
announcement of the network, talks for seconds on end. A beep is one steady tone with next to all
of the energy: a voice has harmonics, a key has two tones. A person may do all this too, so
whatever is told here is a hint. Our own voice coming back as an echo is recognised by its
loudness going up and down as ours did. Not its job: what follows from it (the call script).
Pure; numpy is loaded when the first detector is made. For `modem.sound`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from modem.events import MachineSign

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE: Final = 8000
BLOCK: Final = 160  # 20 ms
_BLOCKS_PER_SECOND: Final = 50

#: Seconds of voice, without a pause of so many, that a person who picks up does not say.
LONG_SPEECH: Final = 4.0
PAUSE: Final = 0.8
_LONG: Final = round(LONG_SPEECH * _BLOCKS_PER_SECOND)
_GAP: Final = round(PAUSE * _BLOCKS_PER_SECOND)
#: Below this (dBov) nobody speaks; nor so far under the loudest that was heard.
_QUIET_DBOV: Final = -42.0
_UNDER_THE_LOUDEST: Final = 30.0
#: A voice goes up and down by more (dB, standard deviation); a motor does not.
_LIVELY_DB: Final = 3.0
#: Heard and sent loudness that go together like this are our own echo.
_ECHO: Final = 0.6
#: Blocks by which an echo may come late: half a second, and what is written ahead.
_LATEST_ECHO: Final = 30

_LOWEST, _HIGHEST = 400.0, 2000.0
_TONE_DBOV: Final = -35.0
_TONE_SHARE: Final = 0.9
_STEADY_DB: Final = 3.0
#: Blocks a beep lasts at least, and at most: a dial tone is none.
_SHORTEST_BEEP, _LONGEST_BEEP = 12, 125
#: Bins of 50 Hz on either side that a tone's energy spreads over, under the window.
_SPREAD: Final = 2
_SILENT: Final = -120.0
_BLOCK_BYTES: Final = 2 * BLOCK
_ZEROS: Final = bytes(_BLOCK_BYTES)

#: How many of the frames sent last are looked at for an echo.
REMEMBERED: Final = _LONG + _LATEST_ECHO


class MachineDetector:
    """Feed it a call's received audio from the answer on; it says what no person does.

    ``sent`` gives the frames (20 ms, s16le) that were sent last, newest at the end; `REMEMBERED`
    of them are looked at.
    """

    def __init__(self, sent: Callable[[], Sequence[bytes]] = tuple) -> None:
        import numpy as np

        self._np, self._sent = np, sent
        self._window, self._silence = np.hanning(BLOCK), np.zeros(BLOCK)
        self._rest = b""
        self._levels: deque[float] = deque(maxlen=_LONG)
        self._loudest = _SILENT
        self._run = self._quiet = 0
        self._greeted = False
        self._tone_bin, self._tone_level, self._tone_blocks = 0, 0.0, 0

    def feed(self, pcm: bytes) -> tuple[MachineSign, ...]:
        """Take s16le mono 8 kHz, any number of bytes; return what was recognised in it."""
        data = self._rest + pcm
        whole = len(data) // _BLOCK_BYTES * _BLOCK_BYTES
        self._rest = data[whole:]
        signs: list[MachineSign] = []
        for at in range(0, whole, _BLOCK_BYTES):
            block, level = self._measured(data[at : at + _BLOCK_BYTES])
            if self._ends_a_beep(block, level):
                signs.append(MachineSign.BEEP)
            if self._talks_on(level):
                signs.append(MachineSign.GREETING)
        return tuple(signs)

    def _measured(self, pcm: bytes) -> tuple[NDArray[Any], float]:
        """Return the samples of a block, ±1, and their level."""
        if pcm == _ZEROS:  # the better part of a call, to be had for nothing
            return self._silence, _SILENT
        samples = self._np.frombuffer(pcm, dtype="<i2") / 32768.0
        return samples, self._level(samples)

    def _level(self, block: NDArray[Any]) -> float:
        power = float(block @ block) / BLOCK
        return 10 * math.log10(power) if power > 0 else _SILENT

    # --- a voice that talks on

    def _talks_on(self, level: float) -> bool:
        self._loudest = max(self._loudest, level)
        self._levels.append(level)
        if level > _QUIET_DBOV and level > self._loudest - _UNDER_THE_LOUDEST:
            self._run, self._quiet = self._run + 1 + self._quiet * (self._run > 0), 0
        else:
            self._quiet += 1
            if self._quiet >= _GAP:
                self._run = 0
        if self._greeted or self._run < _LONG:
            return False
        self._run = 0
        self._greeted = self._is_lively() and not self._is_echo()
        return self._greeted

    def _is_lively(self) -> bool:
        return float(self._np.std(self._np.maximum(list(self._levels), -60.0))) >= _LIVELY_DB

    def _is_echo(self) -> bool:
        """Whether what was heard went up and down as what we sent had done."""
        np = self._np
        sent = b"".join(self._sent()[-REMEMBERED:]).rjust(REMEMBERED * 2 * BLOCK, b"\0")
        frames = np.frombuffer(sent, dtype="<i2").reshape(REMEMBERED, BLOCK) / 32768.0
        ours = np.maximum(10 * np.log10((frames**2).mean(axis=1) + 1e-12), -60.0)
        heard = np.maximum(list(self._levels), -60.0)
        return any(
            self._alike(heard, ours[late : late + _LONG]) > _ECHO for late in range(_LATEST_ECHO)
        )

    def _alike(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        one, other = one - one.mean(), other - other.mean()
        size = math.sqrt(float(one @ one) * float(other @ other))
        return float(one @ other) / size if size else 0.0

    # --- a beep

    def _ends_a_beep(self, block: NDArray[Any], level: float) -> bool:
        """Follow a tone; return whether one has just ended that was long enough to be a beep."""
        found = self._tone(block) if level > _TONE_DBOV else 0
        same = abs(found - self._tone_bin) <= 1 and abs(level - self._tone_level) <= _STEADY_DB
        if found and self._tone_blocks and same:
            self._tone_blocks += 1
            return False
        ended = _SHORTEST_BEEP <= self._tone_blocks <= _LONGEST_BEEP
        self._tone_bin, self._tone_level, self._tone_blocks = found, level, int(found > 0)
        return ended

    def _tone(self, block: NDArray[Any]) -> int:
        """Return the bin of the one tone this block is, 0 for anything else."""
        powers = abs(self._np.fft.rfft(block * self._window)) ** 2
        peak = int(powers.argmax())
        if not _LOWEST <= peak * RATE / BLOCK <= _HIGHEST:
            return 0
        near = float(powers[max(peak - _SPREAD, 0) : peak + _SPREAD + 1].sum())
        return peak if near >= _TONE_SHARE * float(powers.sum()) else 0
