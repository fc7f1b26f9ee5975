"""What the desktop client costs on a person's machine: its start, its memory, its rest."""
