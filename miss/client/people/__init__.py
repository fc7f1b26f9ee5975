"""Who the others are: their verified chains, and what changed about them."""
