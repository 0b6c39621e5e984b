"""Orders in PostgreSQL. Each call opens its own connection, so a database that was away is simply used again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
Unavailable = psycopg.OperationalError


@contextmanager
def connect() -> Iterator[psycopg.Connection[Row]]:
    """A transaction: committed when the block ends well. Raises Unavailable when there is no database."""
    with psycopg.connect(
        os.environ["DB_URL"], connect_timeout=3, client_encoding="utf8", row_factory=dict_row
    ) as connection:
        yield connection


def healthy() -> None:
    """Raises Unavailable when the database does not answer."""
    with connect() as connection:
        connection.execute("SELECT 1")


def place(item: str) -> Row:
    """Stores a new order, not yet announced, and returns it."""
    with connect() as connection:
        row = connection.execute(
            "INSERT INTO orders (item) VALUES (%s) RETURNING id::text, item, placed_at::text", [item]
        ).fetchone()
    if row is None:
        raise Unavailable("the database took the order but did not return it")
    return row


def find(order: UUID) -> Row | None:
    """The order with its invoice (None until billing has written it), or None when there is no such order."""
    with connect() as connection:
        row = connection.execute(
            """
            SELECT o.id::text, o.item, o.placed_at::text, i.number, i.amount::text, i.written_at::text
            FROM orders o LEFT JOIN invoices i ON i.order_id = o.id
            WHERE o.id = %s
            """,
            [order],
        ).fetchone()
    if row is None:
        return None
    invoice = {key: row.pop(key) for key in ("number", "amount", "written_at")}
    return {**row, "invoice": invoice if invoice["number"] is not None else None}


@contextmanager
def to_announce(limit: int = 100) -> Iterator[list[Row]]:
    """Orders that the broker does not know of; they count as announced when the block ends well.

    The rows are locked meanwhile, so that several instances of this service never announce the same order at once.
    """
    with connect() as connection:
        rows = connection.execute(
            """
            SELECT id::text, item, placed_at::text FROM orders
            WHERE NOT announced ORDER BY placed_at LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            [limit],
        ).fetchall()
        yield rows
        connection.execute("UPDATE orders SET announced = true WHERE id = ANY(%s::uuid[])", [[r["id"] for r in rows]])
