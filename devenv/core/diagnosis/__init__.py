"""Facts about what failed → known causes, and steps to take."""
