"""One modem: its bytes, its commands, its calls. Knows nothing of towns or broadcasts."""
