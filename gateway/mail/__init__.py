"""Mail as values: what leaves, what comes back, what comes in. Up to `session` it is pure."""
