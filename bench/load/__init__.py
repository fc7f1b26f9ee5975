"""The load: many clients in one process of its own, on a core of its own, that do little besides counting.

`spec.py` says what to do, `target.py` what a client can do whatever the server, `modes.py` does it; `python -m
bench.load` reads a specification on standard input and prints what it measured.
"""
