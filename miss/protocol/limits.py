"""Caps that both sides enforce.  protocol §6"""

MAX_ENVELOPE_BYTES = 64 * 1024
MAX_BLOB_BYTES = 16 * 1024 * 1024
"""One encrypted attachment, as stored by the server."""
MAX_COMMIT_BYTES = 2 * 1024 * 1024
"""One commit with all its boxes; it travels over HTTP."""
MAX_MEMBERS = 500
"""Persons in one conversation."""
MAX_DEVICES = 10
"""Active devices of one person, the paper device included; `recover` may add one more."""
MAX_LINK_BYTES = 8 * 1024
MAX_BLOBS = 32
"""Attachments of one message."""

MAX_MENTIONS = 500
"""Persons named in one message."""
MAX_DEVICE_NAME = 80
"""Characters of the name that a person gives to a device."""

MAX_PAIRING_BYTES = 1024 * 1024
"""One offer or answer between two devices of a person; the answer carries the person's chain."""
MAX_ROTATION_BYTES = 8 * 1024 * 1024
"""One change of user key with its boxes and the whole vault; it travels over HTTP."""
MAX_PASSKEYS = 5
MAX_WRAPS = MAX_PASSKEYS + 2
"""Ways to open one recovery key: a code, a passphrase and some passkeys."""

MAX_PAGE_ITEMS = 1000
MAX_PAGE_BYTES = 1024 * 1024
"""Envelopes of one `page`, counted by their own length."""
MAX_CLIENT_FRAME_BYTES = MAX_ENVELOPE_BYTES + 1024
"""The largest frame a client may send: `send` with a full envelope."""
MAX_FRAME_BYTES = MAX_PAGE_BYTES + MAX_ENVELOPE_BYTES
"""The largest frame a server may send: a full `page` and the overhead of its items."""

MAX_INTEGER = 2**53 - 1
"""Numbers stay exact in every language that reads them."""
