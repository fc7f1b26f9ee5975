"""Exceptional access: a coordinator opens what a request says, with a reason, for an hour, and everybody learns of it.

Source: CSP L.1110-4, security.md §2 row 1; teleexpertise.md §10.
"""
