"""The command line's end: blocking, one question at a time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.control.protocol import MOST, ControlError, decode, encode
from gateway.system_words import why


class NoDaemon(ControlError):
    """Nobody listens at the control socket."""


def ask(path: Path, op: str, *, timeout: float = 120.0, **arguments: Any) -> Any:
    """Ask the daemon one thing; raise `NoDaemon` or `ControlError` with its sentence."""
    with _connected(path) as peer:
        peer.settimeout(timeout)
        peer.sendall(encode({"op": op, **arguments}))
        return _result(_line(peer))


@contextmanager
def conversation(path: Path, op: str, **arguments: Any) -> Iterator[Callable[[str], Any]]:
    """Open a dialogue with the daemon; yield what says one line and returns its answer.

    Raises `NoDaemon` or `ControlError`, the latter also from each line.
    """
    with _connected(path) as peer:
        peer.settimeout(600)
        peer.sendall(encode({"op": op, **arguments}))
        _result(_line(peer))

        def say(text: str) -> Any:
            peer.sendall(encode({"say": text}))
            return _result(_line(peer))

        yield say


@contextmanager
def _connected(path: Path) -> Iterator[socket.socket]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.connect(str(path))
            yield peer
    except (FileNotFoundError, ConnectionRefusedError):
        raise NoDaemon(
            "Tocsin ne tourne pas : démarrez-le avec « systemctl start tocsin », ou "
            "« tocsin serve --config … »"
        ) from None
    except PermissionError:
        raise ControlError(
            f"vous n'avez pas le droit d'ouvrir {path} : rejoignez le groupe tocsin, ou sudo"
        ) from None
    except OSError as error:
        raise ControlError(f"le service ne répond pas ({why(error)})") from None


def _result(line: bytes) -> Any:
    answer = decode(line)
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error", "refus sans raison")))
    return answer["result"]


def _line(peer: socket.socket) -> bytes:
    data = bytearray()
    while not data.endswith(b"\n"):
        piece = peer.recv(65536)
        if not piece or len(data) > MOST:
            raise ControlError("le service a fermé la connexion : voyez son journal")
        data += piece
    return bytes(data)
