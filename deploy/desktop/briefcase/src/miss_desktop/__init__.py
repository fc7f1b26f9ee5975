"""What Briefcase starts: the desktop client, from the wheel beside it."""
