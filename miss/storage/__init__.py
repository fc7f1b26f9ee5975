"""What outlives a process: rows, migrations, blobs, jobs, and the keys that seal content at rest.

Rows are reached through `Database.transaction()` only; a transaction is visible at the place where it opens and
closes, and what happens after it (an ack, a publication, a wake-up) stands after it in the code.
"""

from miss.storage.database import Database, Transaction, do_last

__all__ = ["Database", "Transaction", "do_last"]
