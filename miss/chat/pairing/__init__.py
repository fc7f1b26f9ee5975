"""Slots where two devices of one person, who share a code, find each other; what they say there is sealed."""
