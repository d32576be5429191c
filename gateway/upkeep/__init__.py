"""The box looking after itself: backups, health, clock, disk, supply. Not its job: messages."""
