"""The parts of the page at which one works."""
