"""Files that only the service may read: there, and nobody else's."""

from pathlib import Path

from miss.base.clock import MovableClock
from miss.server.examination.keys import examine_keys
from miss.server.settings import Settings


async def test_secrets_that_others_read_or_that_are_missing_are_named(tmp_path: Path, clock: MovableClock) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/mail.pem").touch(mode=0o600)
    (tmp_path / "data.password").touch(mode=0o600)
    (tmp_path / "data.password").chmod(0o640)
    settings = Settings(
        data_dir=tmp_path,
        backup_repository="/backups/data",
        backup_password_file=tmp_path / "data.password",
        backup_keys_repository="/backups/keys",
        backup_keys_password_file=tmp_path / "keys.password",
    )
    said = " ".join(one.sentence() for one in await examine_keys(settings, clock))
    assert "peuvent lire " + str(tmp_path / "data.password") in said
    assert f"{tmp_path / 'keys.password'} n’existe pas" in said
    assert "mail.pem" not in said
