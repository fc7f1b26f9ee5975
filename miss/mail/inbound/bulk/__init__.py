"""Mail to many, and the same mail again and again: refused, for a request is written by somebody about one patient."""
