"""The child process that speaks once: ``python -m tts.speak``, a request in JSON on stdin.

Job: one utterance through pyttsx3 into a WAV file, then die. pyttsx3 loses settings and writes
silent files when one process speaks twice, so no process ever does. Not its job: judging the
result; the parent (`tts.engine`) does. Imported by nobody.

Request: ``{"text", "voice", "rate" (words a minute), "out" (path), "library": "auto"|"bundled"}``.
Reply on stdout, one line: ``{"voice", "rate", "library"}`` as they really were.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from contextlib import redirect_stdout
from typing import Any, Final

#: Ten milliseconds each.
_TRIES: Final = 200


def _load_library(wanted: str) -> None:
    """Make libespeak-ng known to the process: the system's, else the one espeakng-loader brings.

    The bundled library answers to the same soname, so pyttsx3's own lookup finds it once loaded.
    """
    if wanted != "bundled":
        try:
            ctypes.CDLL("libespeak-ng.so.1", mode=ctypes.RTLD_GLOBAL)
        except OSError:
            pass
        else:
            return
    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())
    ctypes.CDLL(str(espeakng_loader.get_library_path()), mode=ctypes.RTLD_GLOBAL)


def _rate() -> int:
    """Return the rate espeak-ng speaks at now; pyttsx3 can only ask for its default."""
    from pyttsx3.drivers import _espeak

    return int(_espeak.dll.espeak_GetParameter(_espeak.RATE, 1))


def _set_rate(rate: int) -> None:
    """Set the rate until it holds: on a busy machine espeak-ng loses one setting in a hundred."""
    from pyttsx3.drivers import _espeak

    for _ in range(_TRIES):
        _espeak.SetParameter(_espeak.RATE, rate, 0)
        time.sleep(0.01)  # espeak-ng takes it in another thread
        if _rate() == rate:
            return
    raise RuntimeError(f"espeak-ng does not take the rate {rate}")


def _speak(request: dict[str, Any]) -> dict[str, str | int]:
    import pyttsx3
    from pyttsx3.drivers import _espeak

    finished: list[bool] = []
    engine = pyttsx3.init("espeak")
    _set_rate(request["rate"])
    engine.connect("finished-utterance", lambda completed, **_: finished.append(completed))
    engine.setProperty("voice", request["voice"])
    engine.save_to_file(request["text"], request["out"])
    engine.runAndWait()
    _espeak.Synchronize()  # runAndWait (2.99) returns after 10 ms: a busy machine still speaks
    if finished != [True]:
        raise RuntimeError("espeak-ng did not speak to the end")
    voice = _espeak.GetCurrentVoice().contents.identifier.decode()
    return {
        "voice": voice, "rate": _rate(), "library": f"espeak-ng {_espeak.Info(None).decode()}",
    }  # fmt: skip


def main() -> None:
    """Speak what stdin asks for; an exception ends the process with status 1."""
    request = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # pyttsx3 announces its files there
        _load_library(request.get("library", "auto"))
        reply = _speak(request)
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
    os._exit(0)  # espeak-ng may assert while Python takes it down


if __name__ == "__main__":
    main()
