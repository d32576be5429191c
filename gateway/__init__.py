"""The domain and the daemon: who must be told what, by which way, and what became of it."""
