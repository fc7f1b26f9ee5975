"""What opens above the page."""
