"""What the house itself writes to people, and to which address: a plain word with a link, nothing clinical."""
