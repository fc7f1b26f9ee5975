"""The chat protocol: signed objects, frames on the wire, the state of one connection.

Pure: bytes and values in, bytes and values out.  Time, randomness and keys are arguments; nothing here opens a
socket, a file or a database.  The server, the clients, the tele-expertise platform and the bench share this room.

    crypto/    keys, links, commits, envelopes, attachments, recovery …   protocol §2 – §6
    wire/      frames and their codec, close codes                        protocol §7
    session/   one connection, seen from either side, without I/O         protocol §7
"""
