"""What the desktop client needs of an environment, and what of it may go.  Standard library and pip only.

    …/bin/python -I deploy/desktop/needed.py FOLDER_OF_SITE_PACKAGES

Follows every import from `clients.desktop`, lazy ones included, through our own modules; whatever package none of
them names, directly or through what the named ones require, is printed: the server's.  The rooms of ours that no
import reaches are printed as folders.  deploy/desktop/build.py removes both.
"""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

OURS = ("clients", "forms", "miss", "movements", "teleexpertise")
START = "clients.desktop"
KEPT = frozenset({"miss", "pip", "setuptools"})
"""Ours, and what the build removes by itself."""


def reached(site: Path) -> tuple[set[str], set[str]]:
    """Our modules that the client may import, and the names of others' that they import."""
    ours: set[str] = set()
    others: set[str] = set()
    waiting = [_name(path, site) for path in (site / START.replace(".", "/")).rglob("*.py")]
    while waiting:
        module = waiting.pop()
        path = _file(site, module)
        if module in ours or path is None:
            continue
        ours.add(module)
        parent = module.rpartition(".")[0]
        waiting += [parent] if parent else []
        for name in _imported(path):
            if name.split(".")[0] in OURS:
                waiting += [name, name.rpartition(".")[0]]
            else:
                others.add(name.split(".")[0])
    return ours, others - set(sys.stdlib_module_names)


def _name(path: Path, site: Path) -> str:
    parts = path.relative_to(site).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _file(site: Path, module: str) -> Path | None:
    path = site / module.replace(".", "/")
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if module and one.is_file()), None)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def superfluous(site: Path, others: set[str]) -> list[str]:
    """Distributions that nothing needs which provides one of `others`."""
    installed = {_plain(one.metadata["Name"]): one for one in distributions(path=[str(site)])}
    waiting = [name for name, one in installed.items() if _provided(one) & others]
    needed: set[str] = set(KEPT)
    while waiting:
        name = waiting.pop()
        if name in needed or name not in installed:
            continue
        needed.add(name)
        wanted = [Requirement(line) for line in installed[name].requires or ()]
        waiting += [_plain(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return sorted(installed.keys() - needed)


def _provided(distribution: Distribution) -> set[str]:
    return {Path(file).parts[0].split(".")[0] for file in distribution.files or ()}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def unreached_rooms(site: Path, ours: set[str]) -> list[str]:
    """Folders of ours in which no module is reached; those within such a folder are left out."""
    found: list[str] = []
    for top in OURS:
        for folder in sorted([site / top, *(site / top).rglob("*")]):
            if folder.is_dir() and (folder / "__init__.py").exists():
                name = ".".join(folder.relative_to(site).parts)
                within = any(name.startswith(f"{one}.") for one in found)
                if not within and not any(one == name or one.startswith(f"{name}.") for one in ours):
                    found.append(name)
    return [name.replace(".", "/") for name in found]


def main(site: Path) -> None:
    """A line each: `package NAME`, `folder PATH`."""
    ours, others = reached(site)
    for name in superfluous(site, others):
        print(f"package {name}")
    for name in unreached_rooms(site, ours):
        print(f"folder {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
