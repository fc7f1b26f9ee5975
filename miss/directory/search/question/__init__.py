"""From words to what they may mean."""
