"""What fills the window: linking, unlocking, working."""
