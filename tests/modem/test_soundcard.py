"""A modem whose calls come as a USB sound card: frames both ways, and each way it can fail."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from modem.errors import PortLost
from modem.soundcard import CardPort
from modem.transport import open_port

LOUD = b"\x00\x10" * 160


class Card:
    """A sound card as the library shows it; the test is its clock."""

    def __init__(self, **wanted: Any) -> None:
        self.wanted, self.running = wanted, False
        self._block: Callable[..., None] = wanted["callback"]

    def start(self) -> None:
        self.running = True

    def close(self) -> None:
        self.running = False
        self.wanted["finished_callback"]()

    def tick(self, heard: bytes = bytes(320)) -> bytes:
        said = bytearray(320)
        self._block(heard, said, 160, None, None)
        return bytes(said)


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """Return the cards that were opened, of a library that is there."""
    opened: list[Card] = []

    def stream(**wanted: Any) -> Card:
        if wanted["device"] == "none":
            raise ValueError("No input device matching 'none'")
        opened.append(Card(**wanted))
        return opened[-1]

    library = SimpleNamespace(RawStream=stream, PortAudioError=RuntimeError)
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    return opened


async def test_a_card_hears_and_speaks_at_its_own_pace(cards: list[Card]) -> None:
    """Frames in order, silence when there is nothing to say."""
    port = await open_port("alsa:hw:1,0")
    port.write(LOUD + LOUD)
    said = [cards[0].tick(bytes([n]) * 320) for n in (1, 2, 3)]
    heard = [await port.read() for _ in range(3)]

    assert [LOUD, LOUD, bytes(320)] == said
    assert [bytes([n]) * 320 for n in (1, 2, 3)] == heard
    assert (8000, 160, "hw:1,0", 1, "int16") == tuple(
        cards[0].wanted[name] for name in ("samplerate", "blocksize", "device", "channels", "dtype")
    )
    assert isinstance(port, CardPort)
    assert 1 == port.starved
    await port.close()
    assert not cards[0].running


async def test_a_card_pulled_out_ends_the_reading_and_the_writing(cards: list[Card]) -> None:
    """The call is told as lost, as with any port."""
    port = await open_port("alsa:Android")
    reading = asyncio.ensure_future(port.read())
    await asyncio.sleep(0)
    cards[0].wanted["finished_callback"]()
    with pytest.raises(PortLost, match="gone"):
        await reading
    with pytest.raises(PortLost, match="gone"):
        await port.drain()
    with pytest.raises(PortLost, match="gone"):
        await port.read()


async def test_nothing_grows_without_end(cards: list[Card]) -> None:
    """A card nobody reads, and one that takes nothing, cost a second of sound at most."""
    port = await open_port("alsa:Android")
    for n in range(200):
        cards[0].tick(bytes([n]) * 320)
        port.write(LOUD)
    port.write(LOUD * 100)
    await asyncio.sleep(0)
    first = await port.read()

    assert bytes([150]) * 320 == first
    queued = sum(any(cards[0].tick()) for _ in range(200))
    assert queued <= 25


async def test_writing_waits_for_a_full_card(cards: list[Card]) -> None:
    """The card is the clock."""
    port = await open_port("alsa:Android")
    port.write(LOUD * 20)
    draining = asyncio.ensure_future(port.drain())
    await asyncio.sleep(0.1)
    waited = not draining.done()
    for _ in range(10):
        cards[0].tick()
    await draining

    assert waited


async def test_a_card_that_is_not_there_and_a_library_that_is_not_are_told_with_the_mend(
    cards: list[Card], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The technician reads what to install."""
    with pytest.raises(PortLost, match="does not open"):
        await open_port("alsa:none")
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(PortLost, match=r"tocsin\[soundcard\].*libportaudio2"):
        await open_port("alsa:Android")
    assert [] == cards
