"""How many letters one core composes in a second, in each form that a letter takes."""
