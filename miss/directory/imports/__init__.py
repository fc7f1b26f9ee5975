"""When the national files were taken in: by hand, and every day from a folder."""
