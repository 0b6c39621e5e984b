"""Use cases: they connect core and engine, emit events, and never print."""
