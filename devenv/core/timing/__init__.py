"""Events of a bring-up → its record, its longest path, and what became slower."""
