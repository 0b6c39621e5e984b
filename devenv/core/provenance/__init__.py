"""Where the values of a stack come from."""
