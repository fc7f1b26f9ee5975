"""The operator's file of relays."""

from pathlib import Path

import pytest

from miss.mail.relays import Relay, TlsPolicy, load_relays
from miss.mail.relays.errors import RelaysUnusable


def _write(folder: Path, text: str) -> Path:
    path = folder / "relays.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_relay_is_read(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "ca.pem").write_text("")
    path = _write(
        tmp_path,
        f'[[relay]]\nname = "a"\nhost = "smtp.a.example"\nport = 587\nuser = "miss"\n'
        f'password_file = "{tmp_path}/password"\nca_file = "{tmp_path}/ca.pem"\ndomains = ["MSSante.example"]\n'
        '[[relay]]\nname = "b"\nhost = "10.0.0.1"\ntls = "none"\nrank = 2\nmax_connections = 1\nmax_mails = 7\n',
    )
    first, second = load_relays(path)
    assert first == Relay(
        name="a", host="smtp.a.example", port=587, user="miss", password="secret",
        ca_file=tmp_path / "ca.pem", domains=("mssante.example",),
    )  # fmt: skip
    assert "secret" not in repr(first)
    assert second == Relay(name="b", host="10.0.0.1", tls=TlsPolicy.NONE, rank=2, max_connections=1, max_mails=7)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "[[relay]]"),
        ("[[relay]\n", "TOMLDecodeError"),
        ('[[relay]]\nname = "a"\n', "host"),
        ('[[relay]]\nname = "a"\nhost = "h"\ntsl = "verify"\n', "tsl"),
        ('[[relay]]\nname = "a"\nhost = "h"\ntls = "may"\n', "tls"),
        ('[[relay]]\nname = "a"\nhost = "h"\nport = "25"\n', "port"),
        ('[[relay]]\nname = "a"\nhost = "h"\nmax_connections = 0\n', "max_connections"),
        ('[[relay]]\nname = "a"\nhost = "h"\ndomains = ["not a domain"]\n', "domains"),
        ('[[relay]]\nname = "a"\nhost = "h"\nca_file = "/nowhere.pem"\n', "ca_file"),
        ('[[relay]]\nname = "a"\nhost = "h"\npassword_file = "/nowhere"\n', "password_file"),
        ('[[relay]]\nname = "a"\nhost = "h"\n[[relay]]\nname = "a"\nhost = "i"\n', "name"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RelaysUnusable) as refused:
        load_relays(_write(tmp_path, text))
    assert reason in str(refused.value.params["reason"])
