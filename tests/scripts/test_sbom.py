"""The bill of materials: valid CycloneDX 1.6, everything that the lock files pin, the same bytes each time.

The schemas are CycloneDX's own, out of cyclonedx-python-lib.
"""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

from scripts import sbom


def schema(name: str) -> Any:
    return json.loads(files("cyclonedx.schema").joinpath(f"_res/{name}.SNAPSHOT.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.compose()


def test_it_is_valid(bill: dict[str, Any]) -> None:
    others = {f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json": schema(name) for name in ("spdx", "jsf-0.82")}
    registry = jsonschema_rs.Registry(list(others.items()))
    validator = jsonschema_rs.Draft7Validator(schema("bom-1.6"), registry=registry, validate_formats=False)
    assert [f"{one.instance_path}: {one.message}" for one in validator.iter_errors(bill)] == []
    assert not validator.is_valid(bill | {"specVersion": 7})


def test_it_names_what_is_pinned_with_the_hashes(bill: dict[str, Any]) -> None:
    pinned = (sbom.ROOT / "requirements-desktop.lock").read_text(encoding="utf-8")
    count = len(re.findall(r"^[A-Za-z0-9]\S*==", pinned, re.MULTILINE))
    of_python = [one for one in bill["components"] if one["purl"].startswith("pkg:pypi/")]
    assert len(of_python) == count
    hashes = [file["hashes"][0]["content"] for one in of_python for file in one["externalReferences"]]
    assert set(hashes) == set(re.findall(r"sha256:([0-9a-f]{64})", pinned))
    assert not [one["name"] for one in bill["components"] if one["name"] in ("pytest", "ruff", "vitest", "typescript")]


def test_it_names_the_libraries_of_the_web_client(bill: dict[str, Any]) -> None:
    web = {one["name"] for one in bill["components"] if one["properties"][0]["value"] == "web"}
    assert {"preact", "@noble/hashes", "libsodium-wrappers-sumo"} <= web


def test_every_component_has_a_licence(bill: dict[str, Any]) -> None:
    """Windows' and other systems' packages are not installed here: their licence is not known."""
    without = {one["name"] for one in bill["components"] if not one.get("licenses")}
    assert without <= {
        "async-timeout", "colorama", "pyside6-essentials", "pywin32-ctypes", "shiboken6",
    }  # fmt: skip


def test_the_same_inputs_give_the_same_bytes(bill: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert sbom.compose() == bill
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795392000")
    assert sbom.compose()["metadata"]["timestamp"] == "2026-11-23T00:00:00Z"
