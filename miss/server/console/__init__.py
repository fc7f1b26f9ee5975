"""The operator's console: pages for technicians, one module per subject.

What it shows and does belongs to the rooms of the directory; here are only pages.
"""
