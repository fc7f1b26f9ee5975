"""`MiSS.exe`, `MiSS.app`."""

from clients.desktop.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main())
