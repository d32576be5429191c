"""The database: the one place that knows SQL. Repositories are functions on a connection.

A repository function takes the connection first and runs inside one transaction, given to
`Store.write` or `Store.read` by whoever needs it. Doors never import this package: they ask the
services.
"""

from gateway.store.base import Connection, Store

__all__ = ["Connection", "Store"]
