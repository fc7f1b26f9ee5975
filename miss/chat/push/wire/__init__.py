"""One wake-up as it leaves: the server's keys, their signature, the encryption, the request."""
