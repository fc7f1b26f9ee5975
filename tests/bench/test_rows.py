"""The result file."""

from pathlib import Path

import msgspec
import pytest

from bench.rows import Mode, Row, read_rows, write_rows

ROW = Row(
    peer="miss",
    mode=Mode.RATE,
    run=1,
    users=200,
    group=10,
    payload_bytes=300,
    offered_per_s=500.0,
    p50_ms=1.5,
    versions={"miss": "0.1.0"},
    durability="fsync=on",
)
DESIGN = (
    "peer, mode, run, users, group, payload_bytes, offered_per_s, accepted_per_s, deliveries_per_s, "
    "server_cpu_s_per_1000_deliveries, p50_ms, p99_ms, p999_ms, kb_per_connection, versions, durability"
)


def test_rows_have_the_fields_of_the_design() -> None:
    assert Row.__struct_fields__ == tuple(DESIGN.split(", "))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    write_rows(file, [ROW, msgspec.structs.replace(ROW, run=2)])
    assert read_rows(file) == [ROW, msgspec.structs.replace(ROW, run=2)]
    assert b'"p99_ms":null' in file.read_bytes()
    write_rows(file, [])
    assert read_rows(file) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("p50_ms", -1), ("run", 0), ("users", -1), ("mode", "fast"), ("peer", ""), ("durability", ""), ("extra", 1)],
)
def test_rows_out_of_bounds_are_refused(tmp_path: Path, name: str, value: object) -> None:
    file = tmp_path / "rows.json"
    file.write_bytes(msgspec.json.encode([msgspec.to_builtins(ROW) | {name: value}]))
    with pytest.raises(msgspec.ValidationError):
        read_rows(file)
