"""The shop's front: a page for people, and the HTTP interface that passes orders on."""
