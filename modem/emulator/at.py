"""The AT dialogue of an emulated modem, byte by byte (ITU-T V.250, 3GPP 27.005).

Job: echo, command lines, concatenated commands, final results in their numeric and verbose
forms, the SMS prompt with ESC and Ctrl-Z, one command at a time. Not its job: what a command
does: `run` decides and returns an answer value. Knows no clock. Used by `modem.emulator.device`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from modem.emulator.commandline import Request, split
from modem.emulator.faults import Faults, Gap
from modem.emulator.profile import PLAIN, EmulatorProfile, Frame
from modem.emulator.results import Done, Prompt, Refused, Wait, numeric, verbose

Answer = Done | Refused | Prompt | Wait
CR, ESC, SUB, BACKSPACE = 0x0D, 0x1B, 0x1A, 0x08
#: Characters a prompt keeps; a PDU has at most 352.
_PROMPT_LIMIT: Final = 1024
_LINE_LIMIT: Final = 2048
_PAIRS: Final = ("+CMT:", "+CDS:", "+CMGR:", "+CMGL:", "+CBM:")


@dataclass(slots=True)
class Switches:
    """What the host may set about the dialogue itself, at its value after power-up."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0


class AtEngine:
    """Reads the host's bytes and writes the device's."""

    def __init__(
        self,
        profile: EmulatorProfile,
        faults: Faults,
        run: Callable[[Request], Answer],
        output: Callable[[bytes], None],
        overflow: Callable[[], None] = lambda: None,
    ) -> None:
        self.switches = Switches()
        #: Bytes that came while a command was being carried out: a polite host sends none.
        self.impatient_bytes = 0
        self._profile, self._faults, self._run, self._output = profile, faults, run, output
        self._overflow = overflow
        self.reset()

    def reset(self) -> None:
        """Start anew, as after power-up."""
        self.switches = Switches()
        self._input, self._line, self._text = bytearray(), bytearray(), bytearray()
        self._queue: deque[Request] = deque()
        self._current: Request | None = None
        self._prompt: Prompt | None = None
        self._wait: Wait | None = None
        self._held: list[tuple[str, ...]] = []
        self._answered = False

    @property
    def prompting(self) -> bool:
        """Whether a prompt is open: everything is message text."""
        return self._prompt is not None

    @property
    def busy(self) -> bool:
        """Whether a command is being carried out."""
        return self._wait is not None

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        if self._wait is not None:
            self.impatient_bytes += len(data)
            if self._wait.abort is not None:
                wait, self._wait = self._wait, None
                assert wait.abort is not None  # noqa: S101
                self._conclude(wait.abort())
                return
        self._input += data
        self._work()

    def awaits(self, wait: Wait) -> bool:
        """Whether the command that answered this very ``wait`` is still being carried out."""
        return self._wait is wait

    def finish(self, wait: Wait, answer: Done | Refused) -> None:
        """End the command that answered ``wait``; after a reset nobody hears it."""
        if self._wait is not wait:
            return
        self._wait = None
        self._conclude(answer)
        self._work()

    def notify(self, *lines: str) -> None:
        """Say something unasked: a header line and, for some, its PDU."""
        if self._prompt is not None and self._profile.holds_notifications:
            self._held.append(lines)
        else:
            self._say(lines)

    def open_prompt(self) -> None:
        """Be at a prompt left open by a host that went away."""
        self._prompt = Prompt(lambda _: Refused("CMS", 304))

    def _work(self) -> None:
        while self._input and self._wait is None:
            self._take_text() if self._prompt is not None else self._take_line()

    # Command lines

    def _take_line(self) -> None:
        end = self._input.find(CR) + 1 or len(self._input)
        chunk = bytes(self._input[:end])
        del self._input[:end]
        self._echo(chunk.replace(b"\x1b", b""))
        self._line += chunk
        if not chunk.endswith(b"\r"):
            del self._line[:-_LINE_LIMIT]
            return
        line, self._line = _edited(self._line), bytearray()
        requests = split(line)
        if requests is None or self._faults.unheard():
            return
        self._queue, self._answered = deque(requests), False
        self._gap(Gap.AFTER_ECHO)
        if "".join(line.split()).upper() in self._faults.refused:
            self._refuse(Refused())
        else:
            self._advance()

    def _advance(self) -> None:
        while self._queue:
            self._current = self._queue.popleft()
            answer = self._run(self._current)
            if isinstance(answer, Prompt):
                self._open(answer)
                return
            if isinstance(answer, Wait):
                self._wait = answer
                return
            if not self._accept(answer):
                return
        self._final("OK")

    def _conclude(self, answer: Done | Refused) -> None:
        if self._current is not None and self._faults.swallows(self._current.name):
            self._queue.clear()
        elif self._accept(answer):
            self._advance()

    def _accept(self, answer: Done | Refused) -> bool:
        """Say an answer's lines; tell whether the command line goes on."""
        if isinstance(answer, Refused):
            self._refuse(answer)
            return False
        if answer.lines:
            self._say_information(answer.lines)
        if answer.final is not None:
            self._queue.clear()
            self._final(answer.final)
            return False
        return True

    def _refuse(self, refusal: Refused) -> None:
        self._queue.clear()
        self._gap(Gap.BEFORE_FINAL)
        obeys = refusal.kind != "CMS" or self._profile.cms_obeys_cmee
        if refusal.code is None or (self.switches.cmee == 0 and obeys):
            self._final(refusal.word or "ERROR")
        else:
            text = verbose(refusal) if self.switches.cmee == 2 else str(refusal.code)
            self._write_line(f"+{refusal.kind} ERROR: {text}")

    # The prompt

    def _open(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._output(b"\r\n> ")
        self._gap(Gap.AFTER_PROMPT)

    def _take_text(self) -> None:
        """Take message text up to ESC or Ctrl-Z, whichever comes first."""
        ends = [at for at in (self._input.find(ESC), self._input.find(SUB)) if at >= 0]
        end = min(ends) + 1 if ends else len(self._input)
        chunk = bytes(self._input[:end])
        del self._input[:end]
        self._echo(chunk)
        self._text += chunk
        if len(self._text) > self._profile.longest_text + 1:
            self._overflow()
            return
        del self._text[_PROMPT_LIMIT:-1]
        if ends:
            text, self._text = bytes(self._text), bytearray()
            self._leave_prompt(text[:-1], text[-1])

    def _leave_prompt(self, text: bytes, key: int) -> None:
        prompt = self._prompt
        assert prompt is not None  # noqa: S101  # only asked while one is open
        if key == SUB and self._faults.stuck_prompts > 0:
            self._faults.stuck_prompts -= 1
            return
        self._prompt = None
        if key == ESC:
            if self._profile.escape_answer is not None:
                self._final(self._profile.escape_answer)
        else:
            answer = prompt.on_text(text)
            if isinstance(answer, Wait):
                self._wait = answer
            else:
                self._conclude(answer)
        held, self._held = self._held, []
        for lines in held:
            self._say(lines)

    # Writing

    def _echo(self, data: bytes) -> None:
        if self.switches.echo and data:
            self._output(data)

    def _say_information(self, lines: tuple[str, ...]) -> None:
        """Write one command's information as one block: a header's PDU follows it directly."""
        if self.switches.verbose:
            self._write_block(lines)
        else:
            self._output(b"".join(_coded(line) + b"\r\n" for line in lines))

    def _say(self, lines: tuple[str, ...]) -> None:
        code = numeric(lines[0])
        if not self.switches.verbose and code is not None:
            self._output(b"%d\r" % code)
        else:
            self._write_block(lines)

    def _write_block(self, lines: tuple[str, ...]) -> None:
        before, after = self._frame(lines[0])
        self._output(before)
        for line in lines:
            self._output(_coded(line) + after)
            if line.startswith(_PAIRS):
                self._gap(Gap.INSIDE_PAIR)

    def _gap(self, gap: Gap) -> None:
        line = self._faults.injected(gap)
        if line is not None:
            self._write_line(line)

    def _final(self, word: str) -> None:
        self._gap(Gap.BEFORE_FINAL)
        if self.switches.quiet or not word:
            return
        code = numeric(word)
        if self.switches.verbose or code is None:
            self._write_line(word)
        else:
            self._output(b"%d\r" % code)

    def _write_line(self, line: str) -> None:
        before, after = self._frame(line)
        self._output(before + _coded(line) + after)

    def _frame(self, line: str) -> Frame:
        for prefix, frame in self._profile.frames.items():
            if line.startswith(prefix):
                return frame
        return PLAIN


def _coded(line: str) -> bytes:
    return line.encode("latin-1", "replace")


def _edited(line: bytearray) -> str:
    """Return a typed line without its CR, its ESCs, and what backspace took back."""
    kept: list[int] = []
    for octet in line:
        if octet == BACKSPACE:
            del kept[-1:]
        elif octet not in {CR, ESC, 0}:
            kept.append(octet)
    return bytes(kept).decode("latin-1")
