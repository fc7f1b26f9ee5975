"""The list of staff of an establishment: by hand, by a program, by a file."""
