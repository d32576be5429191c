"""Whether mail works, step by step, each with its mend: for ``tocsin mail check``.

It opens no port of ours and writes nothing of ours, so that it may run beside the daemon. A step
that fails ends those that stand on it; the others go on.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from gateway.clock import SystemClock
from gateway.config import DEFAULT_PATH, Config
from gateway.errors import Refused
from gateway.mail.check_home import Door, Mailbox
from gateway.mail.check_relay import Line
from gateway.mail.check_trial import Trial
from gateway.mail.mends import Trouble

#: Seconds a mail to ourselves may be on its way.
WAIT: Final = 120.0
MISSING: Final = """aucun relais de courriel n'est configuré : écrivez par exemple dans {path}

[relay]
host = "smtp.votre-fournisseur.fr"
port = 587
tls = "starttls"
username = "mairie@votre-commune.fr"
password_file = "/etc/tocsin/secrets/relay"
sender = "Mairie <mairie@votre-commune.fr>\""""
_NAMES: Final = {
    "name": "nom du relais", "connect": "connexion", "tls": "chiffrement",
    "auth": "identification", "offers": "capacités du relais", "to": "essai vers l'adresse donnée",
    "mailbox": "boîte aux lettres", "self": "essai vers nous-mêmes", "back": "retour de l'essai",
    "door": "notre porte de courriel",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """How one step went: ``ok`` is None where it was not tried; ``mend`` may be empty."""

    step: str
    ok: bool | None
    said: str
    mend: str = ""


#: A sentence, alone or with what is to be done all the same.
Said: TypeAlias = str | tuple[str, str]
_Work: TypeAlias = Callable[[], Awaitable[Said]]


async def checked(
    config: Config, *, path: Path = DEFAULT_PATH, to: str = "", wait: float = WAIT,
    every: float = 2.0,
) -> AsyncGenerator[Step, None]:  # fmt: skip
    """Yield each step as it is done. ``wait`` and ``every``, in seconds, are for what comes back.

    Raises `Refused` where no relay is configured.
    """
    if config.relay is None:
        raise Refused(MISSING, path=path)
    async with contextlib.AsyncExitStack() as stack:
        plan = _plan(config, to, wait, every, stack)
        done: dict[str, bool] = {}
        for name, needs, work in plan:
            lost = next((one for one in needs if not done[one]), None)
            step = await _tried(name, work) if lost is None else _untried(name, lost)
            done[name] = step.ok is True
            yield step


def _plan(
    config: Config, to: str, wait: float, every: float, stack: contextlib.AsyncExitStack
) -> list[tuple[str, tuple[str, ...], _Work]]:
    """Return the steps in order: name, those it stands on, what it does."""
    assert config.relay is not None  # noqa: S101  for the type checker: `checked` saw to it
    line, trial = Line(config.relay), Trial(config, config.relay, SystemClock())
    stack.push_async_callback(line.close)
    plan: list[tuple[str, tuple[str, ...], _Work]] = [
        ("name", (), line.name), ("connect", ("name",), line.connect),
        ("tls", ("connect",), line.encrypt), ("auth", ("tls",), line.log_in),
        ("offers", ("tls",), line.offers),
    ]  # fmt: skip
    if to:
        plan.append(("to", ("auth",), lambda: trial.send(to)))
    box = Mailbox(config.mailbox, trial, wait, every) if config.mailbox else None
    if box is not None:
        stack.push_async_callback(box.close)
        plan.append(("mailbox", (), box.open))
    plan.append(("self", ("auth",), trial.send_home))
    if box is not None:
        plan.append(("back", ("mailbox", "self"), box.await_return))
    if config.smtp is not None:
        plan.append(("door", (), Door(config.smtp).knock))
    return plan


async def _tried(name: str, work: _Work) -> Step:
    try:
        said = await work()
    except Trouble as trouble:
        return Step(name, False, trouble.said, trouble.mend)
    except Exception as error:  # noqa: BLE001  one step's defect hides no other
        why = str(error) or type(error).__name__
        return Step(name, False, f"{_NAMES[name]} : panne inattendue ({why})", "tocsin doctor")
    return Step(name, True, said) if isinstance(said, str) else Step(name, True, *said)


def _untried(name: str, lost: str) -> Step:
    return Step(name, None, f"{_NAMES[name]} : pas essayé, faute de : {_NAMES[lost]}")
