"""A build is taken whole and unaltered, or not at all."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from miss.server.client import ClientFiles, load_client
from miss.server.client.errors import ClientDamaged

FILES = {
    "index.html": b"<!doctype html><title>MiSS</title>",
    "assets/start-AB12.js": b"export {};",
    "assets/libsodium-CD34.wasm": b"\0asm",
    "icons/miss.svg": b"<svg/>",
}


def build_in(folder: Path, published: object = None) -> None:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    (folder / "hashes.json").write_text(json.dumps(published or {"version": "0123456789abcdef", "sha256": hashes}))


def loaded(folder: Path) -> ClientFiles:
    found = load_client(folder)
    assert found is not None
    return found


def test_every_file_is_there_with_its_type_and_smaller_self(tmp_path: Path) -> None:
    build_in(tmp_path)
    client = loaded(tmp_path)
    assert client.version == "0123456789abcdef"
    assert set(client.files) == {*FILES, "hashes.json"}
    types = {name: file.media_type.partition(";")[0] for name, file in client.files.items()}
    assert types == {
        "index.html": "text/html",
        "assets/start-AB12.js": "text/javascript",
        "assets/libsodium-CD34.wasm": "application/wasm",
        "icons/miss.svg": "image/svg+xml",
        "hashes.json": "application/json",
    }
    script = client.files["assets/start-AB12.js"]
    assert script.compressed is not None
    assert gzip.decompress(script.compressed) == script.content
    assert client.files["hashes.json"].compressed is None


def test_what_is_not_hashed_is_not_served(tmp_path: Path) -> None:
    build_in(tmp_path)
    (tmp_path / "secret.txt").write_text("x")
    client = loaded(tmp_path)
    assert client.find("secret.txt") is None
    assert client.find("../client/files.py") is None


def test_nothing_was_built(tmp_path: Path) -> None:
    assert load_client(tmp_path) is None


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_changed_or_lost_is_named(tmp_path: Path, name: str) -> None:
    build_in(tmp_path)
    (tmp_path / name).write_bytes(FILES[name] + b" ")
    with pytest.raises(ClientDamaged) as changed:
        load_client(tmp_path)
    assert changed.value.params == {"name": name}
    (tmp_path / name).unlink()
    with pytest.raises(ClientDamaged):
        load_client(tmp_path)


@pytest.mark.parametrize("published", [[], {"version": "x"}, {"version": "x", "sha256": {"a": 1}}])
def test_hashes_of_another_form(tmp_path: Path, published: object) -> None:
    build_in(tmp_path)
    (tmp_path / "hashes.json").write_text(json.dumps(published))
    with pytest.raises(ClientDamaged):
        load_client(tmp_path)


def test_a_build_without_its_page(tmp_path: Path) -> None:
    build_in(tmp_path, {"version": "x", "sha256": {}})
    with pytest.raises(ClientDamaged):
        load_client(tmp_path)
