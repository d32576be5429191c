"""A small IMAP server: one empty mailbox behind one password, for a box on this machine."""

from __future__ import annotations

import contextlib
import shlex
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class FalseImap:
    """What it lets in, and what it was told."""

    user: str
    password: str
    port: int = 0
    opened: threading.Event = field(default_factory=threading.Event)  # the mailbox was selected

    def answers(self, command: str, words: list[str]) -> list[str]:
        """Return the lines that answer a command, its status last."""
        match command:
            case "LOGIN" if words != [self.user, self.password]:
                return ["NO [AUTHENTICATIONFAILED] wrong"]
            case "CAPABILITY":
                return ["* CAPABILITY IMAP4rev1", "OK done"]
            case "SELECT":
                self.opened.set()
                return ["* 0 EXISTS", "* OK [UIDVALIDITY 7] ok", "OK [READ-WRITE] done"]
            case "STATUS":
                return [f'* STATUS "{words[0]}" (UIDNEXT 1)', "OK done"]
        return ["OK done"]


@contextlib.contextmanager
def false_imap(user: str, password: str) -> Iterator[FalseImap]:
    """Serve until the block ends."""
    imap = FalseImap(user, password)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK IMAP4rev1 here\r\n")
            while line := self.rfile.readline().decode():
                tag, command, *words = shlex.split(line)
                *told, status = imap.answers(command.upper(), words)
                for one in (*told, f"{tag} {status}"):
                    self.wfile.write(f"{one}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        imap.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield imap
        finally:
            server.shutdown()
