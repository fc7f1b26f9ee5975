"""The front of the house: settings, composition root, command line, web shell, health and metrics."""
