"""PostgreSQL by pg8000, with as few ways to the server and back as its protocol allows.

=============================== ===================== =====================
what                            pg8000 as it comes    here
=============================== ===================== =====================
the beginning of a transaction  one way               with its first statement
a statement with values         three                 one
commit, rollback                three                 one
is the server still there       two before each use   none
=============================== ===================== =====================

Each way costs both sides a turn of their processors, which a busy machine gives late.
Messages and their order: PostgreSQL documentation, 55.2.3 "Extended Query" and 55.2.4 "Pipelining".
"""

from __future__ import annotations

import selectors
from collections.abc import Sequence
from typing import Any

import pg8000
from pg8000.converters import make_params
from pg8000.core import IDLE, IN_TRANSACTION, NULL_BYTE, SYNC_MSG, Context, _flush, _write

_BEGIN = "begin transaction"


class Connection(pg8000.Connection):  # type: ignore[misc]  # pg8000 has no types
    """A connection that sends what belongs together at once.

    Args:
        words: As pg8000 has them.
        named: As pg8000 has them. By a Unix socket nothing is encrypted, whatever is asked for (PostgreSQL documentation,
            18.9), so that it is not asked for where nobody says so: pg8000 would read the certificates of this machine first.
    """

    _begins = False
    """Whether the beginning of a transaction goes out with the next statement."""

    def __init__(self, *words: Any, **named: Any) -> None:
        here = named.get("unix_sock") is not None and named.get("ssl_context") is None
        super().__init__(*words, **named | {"ssl_context": False} if here else named)

    def execute_simple(self, statement: str) -> Context:
        """Run a statement without values; the beginning of a transaction only with the statement after it."""
        if statement == _BEGIN:
            self._begins, self._transaction_status = True, IN_TRANSACTION
            return Context(statement)
        context = Context(statement)
        self._send_beginning()
        self.send_QUERY(statement)
        return self._answered(context)

    def execute_unnamed(
        self, statement: str, vals: Sequence[object] = (), oids: Sequence[int] = (), stream: Any = None
    ) -> Context:
        """Run a statement with its values, both in one message.

        Args:
            statement: It, with ``$1`` for the first value.
            vals: The values.
            oids: Types of the values, where they are told.
            stream: What is copied from or to.
        """
        context, params = Context(statement, stream=stream), make_params(self.py_types, vals)
        self._send_beginning()
        self.send_PARSE(NULL_BYTE, statement, oids)
        self.send_DESCRIBE_STATEMENT(NULL_BYTE)
        self.send_BIND(NULL_BYTE, params)
        self.send_EXECUTE()
        _write(self._sock, SYNC_MSG)
        return self._answered(context)

    def commit(self) -> None:
        """Keep what was done in the transaction."""
        if not self._ends_unbegun():
            self.execute_simple("commit")

    def rollback(self) -> None:
        """Undo what was done in the transaction."""
        if self._in_transaction and not self._ends_unbegun():
            self.execute_simple("rollback")

    def has_ended(self) -> bool:
        """Whether the server has hung up: a connection at rest has nothing to read but its end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._usock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _ends_unbegun(self) -> bool:
        """Whether a transaction ends of which the server has never heard."""
        unbegun, self._begins = self._begins, False
        if unbegun:
            self._transaction_status = IDLE
        return unbegun

    def _send_beginning(self) -> None:
        if self._begins:
            self.send_QUERY(_BEGIN)

    def _answered(self, context: Context) -> Context:
        """Send what was gathered, and read what comes back."""
        begins, self._begins = self._begins, False
        _flush(self._sock)
        if begins:
            self.handle_messages(Context(_BEGIN))
        self.handle_messages(context)
        return context
