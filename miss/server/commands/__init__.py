"""The commands of `miss`, a module each."""
