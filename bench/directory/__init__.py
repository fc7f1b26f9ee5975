"""The directory at full size: how long an import of the national register takes, how fast a search answers."""
