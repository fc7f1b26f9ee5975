"""Files of a request: photographs reduced in a process of their own, PDF kept as they are, each sealed."""
