"""Reads what `include:` names: files of this machine, and files of repositories."""
