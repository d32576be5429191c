"""The demonstration: a sample commune on emulated modems. Only the command ``demo`` imports it."""
