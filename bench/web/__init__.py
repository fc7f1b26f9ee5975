"""How heavy the web client is, and how soon a telephone can use it."""
