"""Two stacks beside each other: what a change of files means."""
