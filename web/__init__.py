"""The pages of the town hall, in French: server-rendered, usable without JavaScript.

Asks `gateway.services` for everything; holds no rule of its own, no SQL, no port.
"""
