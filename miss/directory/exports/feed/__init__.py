"""What changed in the own entries since a cursor."""
