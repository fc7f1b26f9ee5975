"""Settings: every one documented, wrong ones named."""

import pytest
from pydantic import ValidationError

from miss.server.settings import Settings


def test_a_laptop_needs_no_setting() -> None:
    settings = Settings()
    assert settings.database == "sqlite:///var/miss.db"
    assert settings.keystore == "sqlite:///var/keys/keys.db"
    assert settings.public_origin == "http://127.0.0.1:8080"
    assert not settings.https


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_keys_lie_apart_from_the_data() -> None:
    with pytest.raises(ValidationError, match="MISS_KEYSTORE_URL is missing"):
        Settings(database_url="postgresql://a/b")
    with pytest.raises(ValidationError, match="must not be the database"):
        Settings(database_url="postgresql://a/b", keystore_url="postgresql://a/b")


@pytest.mark.parametrize("url", ["miss.example", "ftp://miss.example", "https://miss.example/path"])
def test_the_public_address_is_an_origin(url: str) -> None:
    with pytest.raises(ValidationError, match=r"https://miss\.example"):
        Settings(public_url=url)


@pytest.mark.parametrize("proxies", ["*", "", "proxy.example", "127.0.0.1,10.0.0.0/33", "10.0.0.1/8"])
def test_trusted_proxies_are_addresses(proxies: str) -> None:
    with pytest.raises(ValidationError, match="MISS_TRUSTED_PROXIES"):
        Settings(trusted_proxies=proxies)


def test_trusted_proxies_may_be_many() -> None:
    assert Settings(trusted_proxies="127.0.0.1, 10.0.0.0/8, fd00::/8").trusted_proxies


def test_an_unknown_log_level_is_named() -> None:
    with pytest.raises(ValidationError, match="MISS_LOG_LEVEL"):
        Settings(log_level="LOUD")


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        database_url="postgresql://miss:hunter2@a/b",
        keystore_url="postgresql://miss:hunter2@a/c",
        relay_password="hunter2",
    )
    assert "hunter2" not in repr(settings)
    assert settings.database == "postgresql://miss:hunter2@a/b"
