"""Mail servers nobody here wrote: Debian's Dovecot and Postfix, run for one test by root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.box import free_port
from tests.tools import require

PASSWORD = "argent-double"
USER = "mairie@la-redorte.example"
MAIRIE = "mairie@town.example"


def as_root() -> None:
    """These servers give up their rights themselves, and must have some to begin with."""
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: root is missing (Postfix and Dovecot start as root)")


def await_port(port: int, limit: float = 15.0) -> None:
    give_up = time.monotonic() + limit
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < give_up, f"nobody listens on {port}"
            time.sleep(0.05)
        else:
            return


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make an authority of its own: certificate and key for localhost."""
    pem, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(pem)],
        check=True, capture_output=True,
    )  # fmt: skip
    return pem, key


@dataclass(frozen=True)
class Dovecot:
    port: int
    maildir: Path
    certificate: Path

    def put(self, raw: bytes) -> None:
        """Let a mail arrive."""
        name = f"{time.time_ns()}.M.test"
        (self.maildir / "tmp" / name).write_bytes(raw)
        shutil.chown(self.maildir / "tmp" / name, "nobody", "nogroup")
        (self.maildir / "tmp" / name).rename(self.maildir / "new" / name)

    def unread(self) -> int:
        """Return how many mails a person would see as new."""
        names = [path.name for part in ("new", "cur") for path in (self.maildir / part).iterdir()]
        return sum("S" not in name.rpartition(":2,")[2] for name in names if ":2," in name) + sum(
            ":2," not in name for name in names
        )


@contextlib.contextmanager
def dovecot(folder: Path) -> Iterator[Dovecot]:
    """Serve one mailbox by IMAP under TLS until the block ends."""
    program = require("dovecot", "dovecot-imapd")
    as_root()
    pem, key = certificate(folder)
    with tempfile.TemporaryDirectory() as open_folder:  # pytest's are for their owner only
        Path(open_folder).chmod(0o755)
        yield from _serving(program, folder, Path(open_folder) / "home", pem, key)


def _serving(program: str, folder: Path, home: Path, pem: Path, key: Path) -> Iterator[Dovecot]:
    port = free_port()
    nobody = pwd.getpwnam("nobody")
    for part in ("new", "cur", "tmp"):
        (home / "Maildir" / part).mkdir(parents=True)
    for path in (home, *home.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    conf = folder / "dovecot.conf"
    conf.write_text(
        f"""
protocols = imap
base_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = required
ssl_cert = <{pem}
ssl_key = <{key}
mail_location = maildir:~/Maildir
first_valid_uid = 1
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""
    )
    child = subprocess.Popen([program, "-F", "-c", str(conf)], stderr=subprocess.DEVNULL)
    try:
        await_port(port)
        yield Dovecot(port, home / "Maildir", pem)
    finally:
        child.terminate()
        child.wait(20)


@dataclass(frozen=True)
class Postfix:
    """A mail server of its own.

    Two people of ``town.example`` live there. Mail to others of it, and to all of ``gone.example``,
    is taken and comes back as a notification; mail to ``void.example`` is taken and thrown away.
    """

    port: int
    maildir: Path
    certificate: Path
    folder: Path

    def mails(self) -> list[bytes]:
        """Return what arrived for ``town.example``, the first first."""
        new = self.maildir / "new"
        return [path.read_bytes() for path in sorted(new.iterdir())] if new.exists() else []

    def said(self) -> str:
        """Return its log."""
        log = self.folder / "mail.log"
        return log.read_text() if log.exists() else ""


_MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
discard unix - - n - - discard
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextlib.contextmanager
def postfix(
    door: int = 0, domain: str = "tocsin.la-redorte.example", inside: Sequence[str] = (),
    mailbox: Path | None = None,
) -> Iterator[Postfix]:  # fmt: skip
    """Run a Postfix of the test's own; mail for ``domain`` goes to the mail ``door``.

    ``inside``: the words that put a command into another network, where it listens everywhere.
    ``mailbox``: the maildir of ``mairie@town.example``, which Dovecot may be reading.
    """
    program = require("postfix")
    as_root()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        port, (pem, key) = free_port(), certificate(folder)
        _configure(folder, port, door, domain, pem, key)
        if mailbox is not None:
            main = folder / "etc/main.cf"
            known = main.read_text().replace(" anne@", f" {MAIRIE}={mailbox}/, anne@")
            known = known.replace("=all/", f"={folder}/home/all/")
            main.write_text(known.replace(f"base = {folder}/home", "base = /"))
        if inside:
            main = folder / "etc/main.cf"
            open_ = main.read_text().replace("inet_interfaces = 127.0.0.1", "inet_interfaces = all")
            open_ = open_.replace("tls_security_level = encrypt", "tls_security_level = may")
            main.write_text(open_.replace("inline:{ anne", "inline:{ @town.example=all/, anne"))
        run = [*inside, program, "-c", str(folder / "etc")]
        child = subprocess.Popen(
            [*run, "start-fg"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            if not inside:
                await_port(port)
            yield Postfix(port, folder / "home/all", pem, folder)
        finally:
            _end(child, folder / "queue/pid/master.pid")


def _end(child: subprocess.Popen[bytes], pid: Path) -> None:
    """Stop Postfix itself: the script that started it would leave it running for ever."""
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGTERM)
    else:
        child.terminate()
    child.wait(20)


def _configure(folder: Path, port: int, door: int, domain: str, pem: Path, key: Path) -> None:
    for part in ("etc", "queue", "data", "home"):
        (folder / part).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "home", "nobody", "nogroup")
    nobody = pwd.getpwnam("nobody")
    (folder / "etc/master.cf").write_text(_MASTER.format(port=port))
    (folder / "etc/main.cf").write_text(
        f"""\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example
mydestination =
mynetworks = 127.0.0.0/8
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
smtpd_tls_cert_file = {pem}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
virtual_mailbox_domains = town.example, gone.example
smtpd_reject_unlisted_recipient = no
virtual_mailbox_base = {folder}/home
virtual_mailbox_maps = inline:{{ anne@town.example=all/, blaise@town.example=all/ }}
virtual_minimum_uid = 1
virtual_uid_maps = static:{nobody.pw_uid}
virtual_gid_maps = static:{nobody.pw_gid}
relay_domains = void.example, {domain}
transport_maps = inline:{{ {{ void.example = discard: }},
  {{ {domain} = smtp:[127.0.0.1]:{door} }}, {{ .{domain} = smtp:[127.0.0.1]:{door} }} }}
minimal_backoff_time = 1s
"""
    )
