"""``python -m modem.emulator``: emulated modems on pseudo-terminals. Nothing else."""

import sys

from modem.emulator.terminal import main

if __name__ == "__main__":
    sys.exit(main())
