"""Policies: their text checked and typed, and what they demand of a stack judged."""
