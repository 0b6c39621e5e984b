"""A stack's graph in layers, and where everything stands in a drawing of it."""
