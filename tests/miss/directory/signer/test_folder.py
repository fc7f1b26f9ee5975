"""The operator's folder."""

import base64
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, SystemClock, to_ms
from miss.base.random import RandomBytes, system_random
from miss.directory.signer import load_or_create_signer
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.directory.signer.folder import VALIDITY
from miss.protocol.crypto.opcert import Purpose, verify_opcert

KEYS = ("root.key", "root.pub", "op.key", "rc.key", "op.certs", "rc.certs", "token.key", "audit.key", "audit.pub")


def test_a_first_start_makes_keys_that_only_the_service_reads(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    folder = tmp_path / "operator"
    signer = load_or_create_signer(folder, clock, random_bytes)
    assert sorted(path.name for path in folder.iterdir()) == sorted(KEYS)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    certs = [verify_opcert(raw, signer.root_public) for raw in signer.opcerts]
    assert {cert.purpose for cert in certs} == set(Purpose)
    assert all(cert.covers(cert.purpose, to_ms(clock.now())) for cert in certs)
    assert signer.certs == tuple(certs)


def test_a_second_start_finds_the_same_operator(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> None:
    first = load_or_create_signer(tmp_path, clock, random_bytes)
    second = load_or_create_signer(tmp_path, clock, random_bytes)
    assert second.root_fingerprint == first.root_fingerprint
    assert second.opcerts == first.opcerts
    assert second.token_key == first.token_key
    assert first.token_key not in (bytes(first.receipt_key), first.root_public)


def test_the_server_runs_without_the_root_key(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> None:
    before = load_or_create_signer(tmp_path, clock, random_bytes)
    (tmp_path / "root.key").unlink()
    assert load_or_create_signer(tmp_path, clock, random_bytes).root_public == before.root_public


def test_an_expiring_certificate_is_renewed_and_the_old_one_kept(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    before = load_or_create_signer(tmp_path, clock, random_bytes)
    clock.advance(VALIDITY)
    after = load_or_create_signer(tmp_path, clock, random_bytes)
    assert set(before.opcerts) < set(after.opcerts)
    assert len(after.opcerts) == 4
    assert {cert.public for cert in after.certs} == {cert.public for cert in before.certs}


def test_an_expired_certificate_without_the_root_key_is_told(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    load_or_create_signer(tmp_path, clock, random_bytes)
    (tmp_path / "root.key").unlink()
    clock.advance(VALIDITY - timedelta(days=30))
    load_or_create_signer(tmp_path, clock, random_bytes)
    clock.advance(timedelta(days=31))
    with pytest.raises(OperatorKeysUnusable, match="expiré"):
        load_or_create_signer(tmp_path, clock, random_bytes)


@pytest.mark.parametrize("name", ["root.pub", "op.key", "rc.key", "op.certs", "rc.certs"])
def test_a_file_that_others_may_read_is_refused(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes, name: str
) -> None:
    load_or_create_signer(tmp_path, clock, random_bytes)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(OperatorKeysUnusable, match="chmod"):
        load_or_create_signer(tmp_path, clock, random_bytes)


@pytest.mark.parametrize("content", [b"", b"!!!\n", base64.b64encode(b"short") + b"\n"])
def test_a_malformed_key_is_refused(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes, content: bytes
) -> None:
    load_or_create_signer(tmp_path, clock, random_bytes)
    (tmp_path / "op.key").write_bytes(content)
    with pytest.raises(OperatorKeysUnusable):
        load_or_create_signer(tmp_path, clock, random_bytes)


def test_a_certificate_or_a_root_of_somebody_else_is_refused(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        load_or_create_signer(folder, clock, random_bytes)
    good = (ours / "op.certs").read_bytes()
    (ours / "op.certs").write_bytes((theirs / "op.certs").read_bytes())
    with pytest.raises(OperatorKeysUnusable, match="not_signed_by_root"):
        load_or_create_signer(ours, clock, random_bytes)
    (ours / "op.certs").write_bytes((ours / "rc.certs").read_bytes())
    with pytest.raises(OperatorKeysUnusable, match="pas celui de cette"):
        load_or_create_signer(ours, clock, random_bytes)
    (ours / "op.certs").write_bytes(good)
    (ours / "root.key").write_bytes((theirs / "root.key").read_bytes())
    clock.advance(VALIDITY)
    with pytest.raises(OperatorKeysUnusable, match=r"root\.pub"):
        load_or_create_signer(ours, clock, random_bytes)


def _start(folder: str, answers: "object") -> None:
    signer = load_or_create_signer(Path(folder), SystemClock(), system_random)
    answers.put(signer.root_fingerprint)  # type: ignore[attr-defined]


def test_two_processes_that_start_together_agree(tmp_path: Path) -> None:
    context = get_context("fork")
    answers = context.Queue()
    processes = [context.Process(target=_start, args=(str(tmp_path / "operator"), answers)) for _ in range(4)]
    for process in processes:
        process.start()
    fingerprints = {answers.get(timeout=10) for _ in processes}
    for process in processes:
        process.join()
    assert len(fingerprints) == 1
