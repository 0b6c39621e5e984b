"""How things look: views of events, tables, problems with a caret."""
