"""Whoever has to move is told that time runs, and whoever waits is told the truth (teleexpertise.md §5)."""
