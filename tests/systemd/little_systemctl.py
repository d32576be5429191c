#!/usr/bin/python3
"""systemctl of a tree in which no systemd runs: starts tocsin.service as the unit says.

Takes the place of /usr/bin/systemctl there. Only what our scripts ask for; the rest is passed to
the real one, which then works on files alone.
"""

import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNIT = Path("/usr/lib/systemd/system/tocsin.service")
PID, SOCKET = Path("/run/little.pid"), "/run/little.notify"
CREDENTIALS = Path("/run/credentials/tocsin.service")
LIMIT = 90  # seconds until READY=1


def setting(name):
    """Return the values of a setting of the unit."""
    lines = UNIT.read_text().splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def running():
    """Return the daemon's process number, None without one."""
    try:
        number = int(PID.read_text())
        os.kill(number, 0)
    except (OSError, ValueError):
        return None
    # nobody here waits for it: dead is what does no longer run
    return None if Path(f"/proc/{number}/stat").read_text().split()[2] == "Z" else number


def stop():
    """End it as systemd does, and wait."""
    number = running()
    if number is not None:
        os.kill(number, signal.SIGTERM)
        until = time.monotonic() + 60
        while running() is not None and time.monotonic() < until:
            time.sleep(0.1)
    PID.unlink(missing_ok=True)
    shutil.rmtree(CREDENTIALS, ignore_errors=True)
    return 0


def hand_out():
    """Copy the secrets as LoadCredential does."""
    source = Path(setting("LoadCredential")[0].partition(":")[2])
    shutil.rmtree(CREDENTIALS, ignore_errors=True)
    CREDENTIALS.mkdir(parents=True)
    for secret in source.iterdir():
        copy = CREDENTIALS / f"secret_{secret.name}"
        shutil.copyfile(secret, copy)
        shutil.chown(copy, "tocsin")


def start():
    """Run ExecStart as the unit's user until it says READY=1; 1 when it never does."""
    if running() is not None:
        return 0
    hand_out()
    Path(SOCKET).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(SOCKET)
    Path(SOCKET).chmod(0o666)
    listening.settimeout(0.2)
    user = pwd.getpwnam(setting("User")[0])
    environment = dict(item.split("=", 1) for item in shlex.split(setting("Environment")[0]))
    environment |= {
        "NOTIFY_SOCKET": SOCKET,
        "CREDENTIALS_DIRECTORY": str(CREDENTIALS),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    with Path("/var/log/tocsin.journal").open("ab") as journal:
        child = subprocess.Popen(
            shlex.split(setting("ExecStart")[0]),
            env=environment,
            cwd="/",
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            umask=int(setting("UMask")[0], 8),
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=journal,
            start_new_session=True,
        )
    PID.write_text(str(child.pid))
    until = time.monotonic() + LIMIT
    while time.monotonic() < until and child.poll() is None:
        try:
            if "READY=1" in listening.recv(4096).decode().splitlines():
                return 0
        except TimeoutError:
            continue
    stop()
    return 1


def main(words):
    """Do what is asked; return the exit status."""
    verb = words[0] if words else ""
    if "tocsin.service" in words and verb in {"start", "stop", "restart"}:
        return (stop() if verb != "start" else 0) or (start() if verb != "stop" else 0)
    if verb in {"is-active", "-q"}:
        return 0 if running() is not None and "is-failed" not in words else 3
    if verb in {"enable", "disable"}:
        return subprocess.run(
            ["/usr/bin/systemctl.real", "--root=/", *words], check=False
        ).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
