"""The composition root in parts: each module builds one group of rooms and pages on the house, for `app` alone."""
