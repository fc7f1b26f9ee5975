"""Finding somebody among a million and a half: words, misspellings, towns, distances."""
