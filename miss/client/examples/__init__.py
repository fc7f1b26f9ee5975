"""Three whole programs on `miss.client`, each a command: read them in this order.

    bot.py      answers a command in any conversation it is in
    export.py   a conversation with its files and the proof of every message, to a folder
    alert.py    an alarming laboratory result: waits until somebody answers for it

`python -m miss.client.examples.bot FOLDER`; each says with --help what it wants.  FOLDER holds the device's store
(`chat.db`) and its key (`chat.key`), as `link_device` left them: see miss/client/README.md.
"""
