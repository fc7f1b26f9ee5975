"""The guided forms, as data: `<id>/<version>.json`, read through `importlib.resources`.  See README.md."""
