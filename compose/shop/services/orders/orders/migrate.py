"""Brings the database to the newest schema: `python3 -m orders.migrate`. Running it again changes nothing."""

import os

import psycopg

from orders import log

_STEPS = (
    """
    CREATE TABLE orders (
        id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        item      text NOT NULL,
        placed_at timestamptz NOT NULL DEFAULT now(),
        announced boolean NOT NULL DEFAULT false  -- the outbox: has order.placed reached the broker?
    );
    CREATE INDEX orders_outbox ON orders (placed_at) WHERE NOT announced;
    """,
    """
    CREATE TABLE invoices (
        order_id   uuid PRIMARY KEY REFERENCES orders,  -- one invoice per order, however often it is delivered
        number     bigint GENERATED ALWAYS AS IDENTITY,
        amount     numeric(10, 2) NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
    );
    """,
)


def main() -> None:
    """Applies the steps that are missing, all or none; two at the same time wait for each other."""
    log.start()
    with psycopg.connect(os.environ["DB_URL"], connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(20240601)")
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (step integer PRIMARY KEY)")
        row = connection.execute("SELECT count(*) FROM migrations").fetchone()
        done = row[0] if row else 0
        for number, step in enumerate(_STEPS[done:], start=done + 1):
            connection.execute(step)
            connection.execute("INSERT INTO migrations VALUES (%s)", [number])
    log.info("database is up to date", applied=len(_STEPS) - done, steps=len(_STEPS))


if __name__ == "__main__":
    main()
