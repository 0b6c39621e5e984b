"""`add`, `remove` and `set`: the manifest changed by command, and only into one that is valid."""
