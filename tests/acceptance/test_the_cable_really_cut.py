"""The cable between the box and the rest of the world, cut: network namespaces, real relays.

Each story is a town hall of its own: two networks and a cable, a relay beyond it, a modem, and the
daemon as a process inside, on the real clock with the patience it has in service. They mostly wait,
so all of them are told at once.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ctypes
import email
import itertools
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from gateway.control import client
from tests.acceptance.box import Box, Emulated, emulated, port_of, serving, until
from tests.gateway.mail.relay import DIE, HANG, Relay
from tests.gateway.mail.servers import Postfix, as_root, postfix
from tests.tools import require

#: Forty seconds of real time; the same cuts on driven time are in test_the_cut_cable.
pytestmark = [pytest.mark.real_time, pytest.mark.bench]

#: A name that only a server on the internet has; no name server is ever asked.
RELAY, OURS, THEIRS = "relay.town.example", "192.0.2.1", "192.0.2.2"
FOLLOWS = "le courriel suivra."
_CLONE_NEWNET = 0x40000000
_number = itertools.count()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Cable:
    """Two networks and the cable between them, which begins cut."""

    box: str
    out: str

    @property
    def here(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.box)

    @property
    def there(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.out)

    def plug(self) -> None:
        for end in (self.box, self.out):
            ip("-n", end, "link", "set", "eth0", "up")

    def cut(self) -> None:
        """Cut it far away: what is sent vanishes."""
        ip("-n", self.out, "link", "set", "eth0", "down")

    def pull(self) -> None:
        """Pull it out of the box: there is no way at all."""
        ip("-n", self.box, "link", "set", "eth0", "down")

    def listen(self) -> socket.socket:
        """Return a socket that listens beyond the cable; it stays in the network it was made in."""

        def enter() -> socket.socket:
            with Path("/run/netns", self.out).open() as there:
                if ctypes.CDLL(None).setns(there.fileno(), _CLONE_NEWNET):
                    raise OSError(f"cannot enter {self.out}")
            return socket.create_server((THEIRS, 0))

        with ThreadPoolExecutor(1) as thread:  # ends there, and with it the stay in that network
            return thread.submit(enter).result()


@contextlib.contextmanager
def cabled() -> Iterator[Cable]:
    """Make both networks, with names known by a file of the first alone; remove all after."""
    mark = f"{os.getpid()}-{next(_number)}"
    made = Cable(f"tocsin-box-{mark}", f"tocsin-out-{mark}")
    names = Path("/etc/netns") / made.box
    try:
        for name in (made.box, made.out):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        names.mkdir(parents=True)
        (names / "hosts").write_text(f"127.0.0.1 localhost\n{THEIRS} {RELAY}\n")
        (names / "resolv.conf").write_text("nameserver 192.0.2.53\n")
        ip("-n", made.box, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
           "netns", made.out)  # fmt: skip
        for name, address in ((made.box, OURS), (made.out, THEIRS)):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        ip("-n", made.box, "link", "set", "eth0", "up")
        yield made
    finally:
        for name in (made.box, made.out):
            with contextlib.suppress(subprocess.CalledProcessError):
                ip("netns", "delete", name)
        shutil.rmtree(names, ignore_errors=True)


@contextlib.contextmanager
def beyond(cable: Cable, **says: str) -> Iterator[Relay]:
    """Run the relay that does what it is told at the far end of a plugged cable."""
    made = Relay({word.replace("dot", "."): answer for word, answer in says.items()})
    place = cable.listen()
    made.port = int(place.getsockname()[1])
    cable.plug()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def there(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    async def end() -> None:
        server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0.05)  # for the connections to be closed

    server = there(asyncio.start_server(made.serve, sock=place))
    try:
        yield made
    finally:
        there(end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Place:
    """Where a story happens: its cable, its modem, and its own range of telephones."""

    folder: Path
    number: int
    made: Emulated
    cable: Cable

    def phone(self, n: int) -> str:
        return f"063998{self.number}{n:03}"

    def people(self, count: int) -> bytes:
        rows = (f"P{n:03};{self.phone(n)};p{n}@town.example;Cantine\n" for n in range(count))
        return ("Nom;Téléphone;Courriel;Groupe\n" + "".join(rows)).encode()

    def texts(self) -> dict[str, list[str]]:
        """Return what each telephone of this place got."""
        found: dict[str, list[str]] = {}
        for record in self.made.records():
            if record["to"].startswith(f"+3363998{self.number}"):
                found.setdefault(record["to"], []).append(record["text"])
        return found


@contextlib.contextmanager
def town(place: Place, port: int, count: int, grace: int = 10) -> Iterator[Box]:
    """Run a box with so many people behind the cable."""
    lines = ("[relay]", f'host = "{RELAY}"', f"port = {port}", 'sender = "mairie@town.example"',
             f"grace_seconds = {grace}")  # fmt: skip
    modem = port_of(place.made.modems[place.number], role="sms")
    inside = Box(place.folder, [modem], more_lines=lines, inside=place.cable.here)
    with serving(inside) as box:
        asked(box, "import", data=base64.b64encode(place.people(count)).decode())
        yield box
        assert 0 == box.stop()


def asked(box: Box, op: str, **more: Any) -> Any:
    """Ask the daemon as the command line does, without a process each time."""
    return client.ask(box.data / "control.sock", op, **more)


def send(box: Box, urgency: str, order: str = "") -> int:
    return int(asked(box, "send", text="Pas de cantine demain.", groups=["Cantine"], now=True,
                     channels=["sms", "email"], urgency=urgency, order=order))  # fmt: skip


def information(box: Box) -> int:
    """Send as advised: by mail, and by SMS to whom the mail does not reach in time."""
    return send(box, "information", "advised")


def mail_ends(box: Box, number: int) -> dict[str, str]:
    """Wait until all mail of a message is settled; return how it ended, by address."""

    def settled() -> list[dict[str, Any]]:
        time.sleep(0.2)
        people = asked(box, "report", broadcast=number)["recipients"]
        jobs = [job for one in people for job in one["jobs"] if job["channel"] == "email"]
        return [] if {"queued", "running"} & {job["state"] for job in jobs} else jobs

    return {job["endpoint"]: job["state"] for job in until(settled, "mail is settled", limit=90)}


def arrived(server: Postfix | Relay) -> Counter[str]:
    """Return how many mails each person of the town has."""
    if isinstance(server, Relay):
        return Counter(str(message["To"]) for message in server.messages)
    found = [email.message_from_bytes(raw, policy=default) for raw in server.mails()]
    return Counter(str(message["To"]) for message in found)


def once_or_in_doubt(ends: dict[str, str], found: Counter[str], count: int) -> set[str]:
    """Judge that nobody got it twice, or not at all unsaid; return whose mail is in doubt."""
    assert set(ends) == {f"p{n}@town.example" for n in range(count)}
    assert set(ends.values()) <= {"handed_over", "uncertain"}, ends
    doubtful = {address for address, state in ends.items() if state == "uncertain"}
    assert all(found[address] == 1 for address in set(ends) - doubtful), found
    assert all(found[address] <= 1 for address in doubtful), found
    return doubtful


def at_once(box: Box, place: Place) -> None:
    """See that a text leaves while mail hangs: no modem waits for a mail's time-out."""
    asked(box, "send", text="Essai.", to=[place.phone(999)], channels=["sms"], urgency="vital")
    until(lambda: [["Essai."]] == [
        said for to, said in place.texts().items() if to.endswith("999")
    ], "a text that waits for no mail", limit=8)  # fmt: skip


def told(place: Place, count: int) -> list[str]:
    """Wait until so many people have their text; return what they read."""

    def texts() -> list[str]:
        time.sleep(0.05)
        found = [said for to, said in place.texts().items() if not to.endswith("999")]
        return [one for said in found for one in said] if len(found) == count else []

    return until(texts, f"{count} people have a text", limit=60)


def a_box_without_network_or_names_comes_up(place: Place) -> None:
    """After a flood took the line: boot, alert, and the cable is mended an hour later."""
    with postfix(inside=place.cable.there) as server:
        place.cable.pull()
        with town(place, server.port, 20) as box:
            number = send(box, "vital")
            texts = told(place, 20)
            assert server.mails() == []
            place.cable.plug()
            ends = mail_ends(box, number)
        found = arrived(server)

    assert once_or_in_doubt(ends, found, 20) == set()
    assert len(texts) == 20


def two_hundred_across_a_cut(place: Place) -> None:
    """The cable goes in the middle of the sending, and comes back."""
    with postfix(inside=place.cable.there) as server:
        place.cable.plug()
        with town(place, server.port, 200, grace=20) as box:
            number = send(box, "information")
            until(lambda: len(server.mails()) >= 40, "some mail has left", limit=40)
            place.cable.cut()
            told(place, 200)
            assert len(server.mails()) < 200, "the cut was in the middle"
            place.cable.plug()
            ends = mail_ends(box, number)
        found = arrived(server)

    assert len(once_or_in_doubt(ends, found, 200)) <= 2  # one in hand on each connection


def a_relay_that_accepts_and_says_nothing(place: Place) -> None:
    """The worst kind of cut: all looks well, and every try costs half a minute."""
    with beyond(place.cable, greeting=HANG) as server, town(place, server.port, 10) as box:
        number = information(box)
        at_once(box, place)
        texts = told(place, 10)
        server.says.clear()
        ends = mail_ends(box, number)

    assert all(text.endswith(FOLLOWS) for text in texts)
    assert once_or_in_doubt(ends, arrived(server), 10) == set()


def a_relay_that_wants_us_to_wait(place: Place) -> None:
    """4xx for everybody: the mail waits, the news does not."""
    with beyond(place.cable, RCPT="451 4.2.1 later") as server, town(place, server.port, 10) as box:
        number = information(box)
        at_once(box, place)
        texts = told(place, 10)
        assert server.taken == []
        server.says.clear()
        ends = mail_ends(box, number)

    assert all(text.endswith(FOLLOWS) for text in texts)
    assert once_or_in_doubt(ends, arrived(server), 10) == set()


def a_relay_that_dies_after_the_final_dot(place: Place) -> None:
    """It has the mail, and never said so: neither sent twice nor called sent."""
    with beyond(place.cable, dot=DIE) as server, town(place, server.port, 30) as box:
        number = information(box)
        until(lambda: len(server.taken) >= 2, "it died twice", limit=30)
        server.says.clear()
        at_once(box, place)
        ends = mail_ends(box, number)

    doubtful = once_or_in_doubt(ends, arrived(server), 30)
    assert 2 <= len(doubtful) <= 6
    assert all(arrived(server)[address] == 1 for address in doubtful)


#: The longest first.
STORIES: tuple[Callable[[Place], None], ...] = (
    a_relay_that_accepts_and_says_nothing,
    two_hundred_across_a_cut,
    a_relay_that_wants_us_to_wait,
    a_box_without_network_or_names_comes_up,
    a_relay_that_dies_after_the_final_dot,
)


def tell(number: int, folder: Path, made: Emulated) -> None:
    with cabled() as cable:
        STORIES[number](Place(folder / str(number), number, made, cable))


def test_every_town_hall_lives_through_its_cut(tmp_path: Path) -> None:
    """Nobody is told too late for a mail that cannot leave; no mail is lost or comes twice."""
    require("ip", "iproute2")
    as_root()
    found: list[Exception] = []
    modems = ("--modems", str(len(STORIES)), "--pace", "fast")
    with emulated(tmp_path / "e", *modems) as made, ThreadPoolExecutor(len(STORIES)) as pool:
        under_way = [pool.submit(tell, n, tmp_path, made) for n in range(len(STORIES))]
    for story, future in zip(STORIES, under_way, strict=True):
        failure = future.exception()
        if isinstance(failure, Exception):
            failure.add_note(f"in the story: {story.__name__}")
            found.append(failure)
    if found:
        raise ExceptionGroup("stories that ended badly", found)
