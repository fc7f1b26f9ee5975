"""How fast queued mails leave, at one connection toward each destination."""
