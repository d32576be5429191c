"""Everything that can go wrong with a modem, named by whose fault it is. Imports nothing else."""

from __future__ import annotations


class ModemError(Exception):
    """A modem, its port or its network did not do what was asked."""


class LocalProtocolError(ModemError):
    """We asked for something the protocol forbids: a defect of ours."""


class RemoteProtocolError(ModemError):
    """The device said something that makes no sense where it said it."""


class CommandFailed(ModemError):
    """The device refused a command.

    ``kind`` is ``"CME"``, ``"CMS"`` or the final result itself (``"ERROR"``, ``"COMMAND NOT
    SUPPORT"``...); ``code`` is the number of 3GPP 27.007 clause 9 or 27.005 clause 3.2.5.
    """

    def __init__(self, command: str, kind: str, code: int | None = None, text: str = "") -> None:
        self.command, self.kind, self.code, self.text = command, kind, code, text
        said = f"+{kind} ERROR: {code if code is not None else text}" if kind in _CODED else kind
        super().__init__(f"{command} answered {said}")


_CODED = frozenset({"CME", "CMS"})


class CommandTimeout(ModemError):
    """The device did not answer in time."""


class OutcomeUnknown(ModemError):
    """The PDU was handed to the device, and its final answer was lost: perhaps sent."""


class PortLost(ModemError):
    """The port is gone: unplugged, or its device rebooted."""


class PortBusy(ModemError):
    """Another program holds the port; ``holder`` names it where the system tells."""

    def __init__(self, port: str, holder: str = "") -> None:
        self.port, self.holder = port, holder
        super().__init__(f"{port} is held by {holder or 'another program'}")


class CallEnded(ModemError):
    """The call is over: what was still to be said was not heard."""


class SoundLost(PortLost):
    """The sound of a call did not open, or broke off."""


class NotReady(ModemError):
    """The device answers, but cannot serve; ``reason`` is a word of `modem.status.Trouble`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}" if detail else reason)
