"""What changed, told to every process.  The broker carries it at once; the table lets a process catch up."""
