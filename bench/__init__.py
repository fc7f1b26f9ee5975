"""MiSS measured side by side with other chat servers: `python3 run.py bench --help`.

Nothing here is installed with the server.  docs/performance.md says what is measured, how, and what is not.
"""
