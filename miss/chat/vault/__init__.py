"""What a person keeps on the server for their own devices, sealed: user keys, and the secrets of past epochs."""
