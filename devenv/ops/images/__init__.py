"""Images that a bring-up needs: found, pulled, built, or stood in for."""
