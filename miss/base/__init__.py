"""The vocabulary every room shares: identifiers, errors, clock, randomness, text.  Imports nothing of ours."""
