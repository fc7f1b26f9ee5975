"""The desktop client: Qt Widgets over `miss.client`.  docs/desktop.md, ADR 48

state/    what is shown, as frozen values, and what each fact makes of it; knows neither Qt nor asyncio
sync/     the client at work in a thread of its own: facts come out, calls go in; knows no Qt
store/    profiles, keys under a PIN, the search index and settings in SQLCipher
views/    the windows: thin
policy.py what an IT department imposes
words.py  French in the source, English from locale/en.po
"""
