"""The ways to reach somebody. Each takes a claimed job and returns how it ended, as a value."""
