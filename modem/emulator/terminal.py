"""Emulated modems at the doors of this machine: pseudo-terminals, and TCP on request.

Job: ``tocsin emulator``: make the network, show each port as ``DIR/NAME.at`` and
``DIR/NAME.audio``, write what the telephones received, until told to stop. Not its job: the
modems (`modem.emulator.network`). Runs in real time. Called by ``gateway/cli`` and
``python -m modem.emulator``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem.emulator.cast import EVERYBODY, CastError, read_cast
from modem.emulator.device import Device
from modem.emulator.makes import PROFILES
from modem.emulator.network import Network
from modem.emulator.pace import Pace
from modem.emulator.pty_link import link_forever
from modem.emulator.records import Recorder
from modem.emulator.tcp_link import listen


@dataclass(frozen=True, slots=True)
class Options:
    """What to emulate, and where; see `serve`."""

    modems: int
    directory: Path
    profile: str
    pace: Pace
    sms_seconds: float | None
    cast: Path | None
    seed: int
    tcp: int | None
    pin: str | None = None


def serve(
    modems: int,
    directory: Path,
    profile: str = "simcom",
    pace: str = "real",
    sms_seconds: float | None = None,
    cast: Path | None = None,
    seed: int = 1,
    tcp: int | None = None,
    announce: Callable[[str], None] | None = None,
    pin: str | None = None,
) -> None:
    """Run emulated modems until SIGTERM or SIGINT; remove the links on the way out.

    ``announce`` is given one JSON line when all ports can be opened; by default it goes to
    standard output. ``sms_seconds`` is the exact time per SMS in place of the pace's; ``cast``
    scripts the phones; with ``tcp`` the AT port of modem n also listens on 127.0.0.1 at
    ``tcp + 2 * (n - 1)`` and its voice port one above; ``pin`` is what all their SIMs ask for.

    Raises ValueError for an unknown profile or pace, CastError, OSError.
    """
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; known: {', '.join(sorted(PROFILES))}")
    if modems < 1:
        raise ValueError("at least one modem")
    place = directory.absolute()
    options = Options(modems, place, profile, Pace(pace), sms_seconds, cast, seed, tcp, pin)
    asyncio.run(_run(options, announce or _say))


def main(argv: Sequence[str] | None = None) -> int:
    """Parse arguments and serve; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m modem.emulator", description="Emulated modems on pseudo-terminals."
    )
    parser.add_argument("--modems", type=int, default=1, metavar="N")
    parser.add_argument("--dir", type=Path, required=True, dest="directory", metavar="DIR")
    parser.add_argument("--profile", default="simcom", choices=sorted(PROFILES))
    parser.add_argument("--pace", default="real", choices=[pace.value for pace in Pace])
    parser.add_argument("--sms-seconds", type=float, metavar="X")
    parser.add_argument("--cast", type=Path, metavar="FILE.json")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--tcp", type=int, metavar="PORT")
    parser.add_argument("--pin", metavar="PIN")
    try:
        serve(**vars(parser.parse_args(argv)))
    except (CastError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _network(options: Options) -> Network:
    network = Network(
        seed=options.seed,
        pace=options.pace,
        sms_seconds=options.sms_seconds,
        keep_audio=False,
    )
    cast = read_cast(options.cast) if options.cast is not None else {}
    network.default_behaviour = cast.pop(EVERYBODY, network.default_behaviour)
    for number, behaviour in cast.items():
        network.handset(number).behaviour = behaviour
    for ordinal in range(1, options.modems + 1):
        network.add_modem(f"modem-{ordinal}", options.profile).sim.pin = options.pin
    return network


async def _run(options: Options, announce: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    network = _network(options)
    network.on_record = Recorder(options.directory).write
    ports = _ports(options, network)
    async with contextlib.AsyncExitStack() as doors:
        if options.tcp is not None:
            for device, audio, _, number in ports:
                await doors.enter_async_context(await listen(device, number, audio=audio))
        async with asyncio.TaskGroup() as group:
            ready, tasks = [], []
            for device, audio, link, _ in ports:
                ready.append(asyncio.Event())
                relay = link_forever(link, device, ready[-1], audio=audio)
                tasks.append(group.create_task(relay, name=f"pty:{link.name}"))
            for event in ready:
                await event.wait()
            announce(json.dumps(_announcement(options, network)))
            await stop.wait()
            for task in tasks:
                task.cancel()
            for device in network.modems.values():
                device.unplug()  # whoever still listens on a socket hears the end


def _ports(options: Options, network: Network) -> list[tuple[Device, bool, Path, int]]:
    """Return each port with its link and its TCP number. Raises FileExistsError."""
    ports = []
    for ordinal, device in enumerate(network.modems.values()):
        for audio in (False, True) if device.profile.audio else (False,):
            link = _link(options.directory, device, audio=audio)
            if link.exists() and not link.is_symlink():
                raise FileExistsError(f"{link} is in the way, and no link of ours")
            ports.append((device, audio, link, (options.tcp or 0) + 2 * ordinal + audio))
    return ports


def _link(directory: Path, device: Device, *, audio: bool) -> Path:
    return directory / f"{device.name}.{'audio' if audio else 'at'}"


def _announcement(options: Options, network: Network) -> dict[str, object]:
    modems = []
    for ordinal, device in enumerate(network.modems.values()):
        audio = device.profile.audio
        entry: dict[str, object] = {
            "name": device.name,
            "at": str(_link(options.directory, device, audio=False)),
            "audio": str(_link(options.directory, device, audio=True)) if audio else None,
            "imei": device.imei,
            "iccid": device.iccid,
            "number": device.number,
        }
        if options.tcp is not None:
            port = options.tcp + 2 * ordinal
            entry["tcp"] = f"socket://127.0.0.1:{port}"
            entry["tcp_audio"] = f"socket://127.0.0.1:{port + 1}" if audio else None
        modems.append(entry)
    return {"ready": True, "modems": modems, "dir": str(options.directory)}
