"""The lock: its text, and what it says of the stack at hand."""
