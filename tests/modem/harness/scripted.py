"""A device that answers from a table: for what an emulator would be too well-behaved to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from modem.errors import PortLost

Answer = str | None | Callable[[], str | None]

OK = "\r\nOK\r\n"
ERROR = "\r\nERROR\r\n"
PROMPT = "\r\n> "

#: A plain 27.005 modem that is home, has a SIM, and takes each SMS as number 42.
PLAIN: dict[str, Answer] = {
    "AT+CGMI": "\r\nAcme\r\n\r\nOK\r\n",
    "AT+CGMM": "\r\nOne\r\n\r\nOK\r\n",
    "AT+CGMR": "\r\n1.0\r\n\r\nOK\r\n",
    "AT+CGSN": "\r\n868501052397914\r\n\r\nOK\r\n",
    "AT+CIMI": "\r\n208011725354439\r\n\r\nOK\r\n",
    "AT+CCID": "\r\n+CCID: 8933010000000000001F\r\n\r\nOK\r\n",
    "AT+CPIN?": "\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "AT+CREG?": "\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    "AT+CEREG?": "\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
    "AT+COPS?": '\r\n+COPS: 0,0,"Orange F",7\r\n\r\nOK\r\n',
    "AT+CSQ": "\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
    "AT+CMGS": PROMPT,
    "<PDU>": "\r\n+CMGS: 42\r\n\r\nOK\r\n",
}


class ScriptedDevice:
    """Both the port and the device behind it.

    ``table`` gives an answer for the longest beginning of a command; a command it lacks gets
    ``otherwise``. None is silence. ``<PDU>`` is what a PDU and its Ctrl-Z get. ``said`` holds
    all commands, ``sent`` all PDUs. With ``trickle`` the host reads one byte at a time.
    """

    def __init__(
        self, table: Mapping[str, Answer] = PLAIN, *, otherwise: Answer = OK, trickle: bool = False
    ) -> None:
        self.table = dict(table)
        self.said: list[str] = []
        self.sent: list[str] = []
        self.escapes = 0
        self.in_prompt = False
        self.closed = False
        self._otherwise, self._trickle = otherwise, trickle
        self._typed = b""
        self._out = bytearray()
        self._news = asyncio.Event()
        self._prompting = asyncio.Event()
        self._lost = False

    # --- the port's side

    async def read(self) -> bytes:
        while not self._out:
            if self._lost:
                raise PortLost("unplugged")
            self._news.clear()
            await self._news.wait()
        count = 1 if self._trickle else len(self._out)
        data = bytes(self._out[:count])
        del self._out[:count]
        return data

    def write(self, data: bytes) -> None:
        if self._lost:
            raise PortLost("unplugged")
        asyncio.get_running_loop().call_soon(self._take, data)

    async def drain(self) -> None:
        await asyncio.sleep(0)
        if self._lost:
            raise PortLost("unplugged")

    async def close(self) -> None:
        self.closed = True

    # --- the device's side

    def say(self, text: str) -> None:
        """Have the host read ``text``."""
        self._out += text.encode("latin-1")
        self._news.set()

    async def prompted(self) -> None:
        """Return when the device is waiting for a PDU."""
        await self._prompting.wait()

    def say_later(self, seconds: float, text: str) -> None:
        asyncio.get_running_loop().call_later(seconds, self.say, text)

    def unplug(self) -> None:
        self._lost = True
        self._news.set()

    def _take(self, data: bytes) -> None:
        for byte in data:
            self._typed += bytes([byte])
            if byte == 0x1B:
                self.escapes += 1
                self._typed, self.in_prompt = b"", False
            elif self.in_prompt and byte == 0x1A:
                self.sent.append(self._typed[:-1].decode())
                self._typed, self.in_prompt = b"", False
                self._answer("<PDU>")
            elif not self.in_prompt and byte == 0x0D:
                command = self._typed[:-1].decode()
                self._typed = b""
                if command:
                    self.said.append(command)
                    self._answer(command)

    def _answer(self, command: str) -> None:
        known = [begin for begin in self.table if command.startswith(begin)]
        answer = self.table[max(known, key=len)] if known else self._otherwise
        if callable(answer):
            answer = answer()
        if answer is None or self._lost:
            return
        self.in_prompt = answer.endswith("> ")
        if self.in_prompt:
            self._prompting.set()
        self.say(answer)


def in_turn(*answers: str | None) -> Callable[[], str | None]:
    """Return an answer that changes each time; the last one stays."""
    left = list(answers)
    return lambda: left.pop(0) if len(left) > 1 else left[0]
