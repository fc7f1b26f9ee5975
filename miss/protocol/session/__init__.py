"""One connection, seen from either side, without I/O.  protocol §7

Five verbs, the same on both sides, in the manner of the sans-I/O libraries:

    receive(data, now_s)     bytes came in
    events()                 what they meant, to be handled
    frames_to_send()         bytes that go out, in order
    tick(now_s)              time has passed; `wake_at_s` says when to call again
    close_code               set: send what is left, then close with it

A shell (asyncio on a WebSocket) moves the bytes; a test moves them by hand.  `now_s` is a monotonic clock in
seconds.  `ServerSession` and `ClientSession` add what their side may do.
"""

from miss.protocol.session.client import ClientSession
from miss.protocol.session.limits import Rate, SessionLimits
from miss.protocol.session.server import FindBucket, ServerSession

__all__ = ["ClientSession", "FindBucket", "Rate", "ServerSession", "SessionLimits"]
