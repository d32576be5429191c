"""The local door: the command line speaks to the running daemon over a Unix socket."""
