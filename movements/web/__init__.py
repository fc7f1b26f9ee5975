"""Pages of the establishments: the work list, a file sent by hand."""
