"""Mails that made their intake fail three times: kept sealed, shown to operators, tried again or discarded by them."""
