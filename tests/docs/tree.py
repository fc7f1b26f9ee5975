"""The repository's own files, as the tests of its documents read them."""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_TOOLS = frozenset({"__pycache__", "node_modules", "dist", "var", "demo-out"})
HIDDEN_BUT_OURS = frozenset({".ci", ".env.example", ".gitignore"})
BINARY = frozenset({".png", ".jpg", ".woff2", ".ico", ".wasm"})


@cache
def texts() -> tuple[Path, ...]:
    """Every text file of the repository; what tools make is left out."""
    return tuple(path for path in _walk(ROOT) if path.suffix not in BINARY)


def _walk(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.name in MADE_BY_TOOLS or (path.name.startswith(".") and path.name not in HIDDEN_BUT_OURS):
            continue
        found += _walk(path) if path.is_dir() else [path]
    return found


@cache
def read(path: Path) -> str:
    """The file's text; bytes that are no UTF-8 (samples of old software) are replaced."""
    return path.read_text(encoding="utf-8", errors="replace")


def names_of(folder: Path) -> frozenset[str]:
    """What stands directly in a folder."""
    return frozenset(path.name for path in folder.iterdir())


def markdown(folder: Path) -> list[Path]:
    """Every page under a folder."""
    return [path for path in texts() if path.suffix == ".md" and path.is_relative_to(folder)]


def modules(*packages: str) -> list[Path]:
    """Every module of these folders."""
    roots = [ROOT / package for package in packages]
    return [path for path in texts() if path.suffix == ".py" and any(path.is_relative_to(root) for root in roots)]
