"""The windows: Qt Widgets, thin.  They show `state`, and ask `sync` for what a person wants done.

desktop.py   the one object every view holds: state, core, what the person does
window.py    pages, menus, shortcuts       tray.py   icon, notices, idle lock
apart.py     windows of one conversation each
pages/       link, unlock, work            parts/    list, messages, composer, banners
dialogs/     everything that opens above   theme.py  colours and sizes
"""
