"""Write the software bill of materials of a release: CycloneDX 1.6, JSON.

    python3 run.py sbom [--out FILE]           default: dist/miss-VERSION.cdx.json

What the lock files pin, and nothing else: Python's for the server and the desktop client, with the hashes of every
file that may be installed; npm's for the web client, whose libraries the wheel carries.  Licences are those that the
installed packages and package-lock.json state.  The same inputs give the same bytes: the serial number is made from
them, and the time is that of SOURCE_DATE_EPOCH, or left out.

cyclonedx-bom (Apache-2.0) describes an environment and its own installation with it; two lock files with hashes say
more of a release than an environment does, in as many lines.
"""

import argparse
import base64
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ((ROOT / "requirements.lock", "server"), (ROOT / "requirements-desktop.lock", "desktop"))
"""Each contains the one before; a package belongs to the first that pins it."""
NPM_LOCKS = (ROOT / "clients/web/app/package-lock.json", ROOT / "clients/web/core/package-lock.json")
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_OLD_NAMES = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_UNSTATED = {"imapclient": "BSD-3-Clause", "sqlcipher3": "Zlib"}
"""What stands in their repositories only."""

Json = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py sbom", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    said = parser.parse_args(arguments)
    bill = compose()
    out = said.out or ROOT / "dist" / f"miss-{bill['metadata']['component']['version']}.cdx.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(bill, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{out}: {len(bill['components'])} components")
    return 0


def compose() -> Json:
    """The whole bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components = [*_python(), *_npm()]
    ours = {
        "type": "application",
        "bom-ref": f"pkg:pypi/{project['name']}@{project['version']}",
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
        "purl": f"pkg:pypi/{project['name']}@{project['version']}",
    }
    content = json.dumps([ours, components], sort_keys=True)
    told: Json = {"component": ours, "lifecycles": [{"phase": "build"}]}
    if when := os.environ.get("SOURCE_DATE_EPOCH"):
        told["timestamp"] = datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": told,
        "components": components,
        "dependencies": [{"ref": ours["bom-ref"], "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _python() -> Iterator[Json]:
    seen: set[str] = set()
    for lock, part in PYTHON_LOCKS:
        for entry in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
            if not (pin := _PIN.match(entry)) or pin[0] in seen:
                continue
            seen.add(pin[0])
            name = re.sub(r"[-_.]+", "-", pin["name"]).lower()
            purl = f"pkg:pypi/{name}@{quote(pin['version'])}"
            files = [
                {"type": "distribution", "url": f"https://pypi.org/project/{name}/{pin['version']}/", "hashes": [one]}
                for one in ({"alg": "SHA-256", "content": digest} for digest in _HASH.findall(entry))
            ]
            yield _component(name, pin["version"], purl, part, _python_licence(pin["name"]), files)


def _npm() -> Iterator[Json]:
    seen: set[str] = set()
    for lock in NPM_LOCKS:
        for place, said in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            name = place.rpartition("node_modules/")[2]
            is_ours = "node_modules/" not in place or said.get("link") or name.startswith("@miss/")
            if is_ours or said.get("dev") or said.get("devOptional"):
                continue
            purl = f"pkg:npm/{quote(name)}@{quote(said['version'])}"
            if purl in seen:
                continue
            seen.add(purl)
            digest = base64.b64decode(said["integrity"].removeprefix("sha512-")).hex()
            url = f"https://registry.npmjs.org/{name}/-/{name.rpartition('/')[2]}-{said['version']}.tgz"
            files = [{"type": "distribution", "url": url, "hashes": [{"alg": "SHA-512", "content": digest}]}]
            yield _component(name, said["version"], purl, "web", said.get("license", ""), files)


def _component(name: str, version: str, purl: str, part: str, licence: str, files: list[Json]) -> Json:
    made: Json = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": [{"name": "miss:part", "value": part}],
    }
    if files:
        made["externalReferences"] = files
    if licence:
        is_expression = _SPDX.fullmatch(licence.replace("(", "").replace(")", "")) is not None
        made["licenses"] = [{"expression": licence} if is_expression else {"license": {"name": licence}}]
    return made


def _python_licence(name: str) -> str:
    """As the installed package states it; empty: it is not installed here."""
    try:
        said: Any = metadata(name)
    except PackageNotFoundError:
        return ""
    if expression := said.get("License-Expression"):
        return str(expression)
    stated = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License :: ")]
    if unstated := _UNSTATED.get(name.lower()):
        return unstated
    known = [_OLD_NAMES[one] for one in stated if one in _OLD_NAMES]
    return " AND ".join(known) if known else str(said.get("License") or "").split("\n")[0][:80]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
