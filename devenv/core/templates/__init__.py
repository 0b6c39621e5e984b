"""Templates: read, typed, and made into services."""
