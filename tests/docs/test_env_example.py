"""`.env.example` and compose.yaml name every setting that a deployment decides, and no other, with values it takes."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

from miss.server.settings import Settings
from movements.settings import MovementsSettings
from teleexpertise.settings import TeleexpertiseSettings
from tests.docs.tree import ROOT, read

SETTINGS: tuple[type[BaseSettings], ...] = (Settings, MovementsSettings, TeleexpertiseSettings)
OF_COMPOSE = {"POSTGRES_PASSWORD", "KEYSTORE_PASSWORD"}
SELDOM_CHANGED = {
    # Limits and lives, whose defaults suit a region (docs/operations.md, « Limits »).
    "MISS_ACCESSIBILITY_AUDIT", "MISS_ACCESSIBILITY_RATE", "MISS_ACTIVATION_TRIES", "MISS_ACTIVATION_VALIDITY",
    "MISS_AGREEMENTS_FOR", "MISS_AUDIT_RETENTION_MONTHS", "MISS_MAIL_DKIM_SELECTOR",
    "MISS_BACKUP_BASE_HOURS", "MISS_BACKUP_DAYS", "MISS_BACKUP_KEYS_DAYS", "MISS_DIRECTORY_HOUR",
    "MISS_ESTABLISHMENT_REQUESTS_PER_MIN", "MISS_GATHER_MS",
    "MISS_HTTP_BLOBS_PER_MIN", "MISS_HTTP_COMMITS_PER_MIN", "MISS_HTTP_IDENTITY_PER_MIN", "MISS_HTTP_REQUESTS_PER_MIN",
    "MISS_HTTP_SIGN_INS_PER_MIN", "MISS_IMAGES_PER_DAY", "MISS_IMAP_POLL_S", "MISS_IMAP_PORT", "MISS_IMAP_TLS",
    "MISS_MAIL_LINES_ALL", "MISS_MAIL_LINES_EACH", "MISS_MAIL_MAX_BYTES", "MISS_MAIL_PER_HOUR",
    "MISS_MAIL_RETENTION_DAYS", "MISS_MASTER_KEY_DAYS", "MISS_RECOVERY_TICKET_VALIDITY", "MISS_REGISTRATIONS_PER_HOUR",
    "MISS_REGISTRATION_FOUR_EYES", "MISS_REGISTRATION_RETENTION", "MISS_RETENTION_DAYS", "MISS_SCIM_REQUESTS_PER_MIN",
    "MISS_SEARCHES_PER_DAY", "MISS_SEARCHES_PER_HOUR", "MISS_SECOND_FACTOR", "MISS_SEND_BURST", "MISS_SEND_PER_S",
    "MISS_SESSION_ABSOLUTE", "MISS_SESSION_IDLE", "MISS_SESSION_SHARED_IDLE", "MISS_SHUTDOWN_GRACE_S",
    "MISS_SOCKETS_PER_ACCOUNT", "MISS_SOCKETS_PER_ADDRESS", "MISS_SOCKETS_PER_PROCESS",
    "MISS_SOCKETS_UNKNOWN_PER_ADDRESS", "MISS_SOCKET_OPENINGS_PER_MIN", "MISS_STEP_UP_VALIDITY",
    "MISS_TOKEN_ENTRIES_PER_DAY", "MISS_TOKEN_SEARCHES_PER_HOUR",
    # What containers do not need, or have their own of.
    "MISS_ADDRESS_DOMAIN", "MISS_BACKUP_WAL_DIR", "MISS_LMTP_PORT", "MISS_LOG_LEVEL", "MISS_METRICS_ALLOWED",
    "MISS_PLATFORM_DEVICE_DIR", "MISS_PUSH_NETWORKS", "MISS_RELAY_PASSWORD", "MISS_RELAY_USER",
    # Names and parts that come with MiSS.
    "MOVEMENTS_DISPLAY_NAME", "MOVEMENTS_MAILBOX", "TELEEXPERTISE_CALENDAR_AUTHORITIES",
    "TELEEXPERTISE_CALENDAR_NETWORKS", "TELEEXPERTISE_DISPLAY_NAME", "TELEEXPERTISE_FORMS_DIR",
    "TELEEXPERTISE_MAILBOX",
}  # fmt: skip
"""A new setting goes into `.env.example` if a deployment has to think of it, else here."""

_LINE = re.compile(r"^(?P<off>#?)(?P<name>[A-Z][A-Z_]*[A-Z])=(?P<value>.*)$", re.MULTILINE)


def names() -> dict[str, type[BaseSettings]]:
    """Every setting there is, by its name in the environment."""
    return {
        f"{kind.model_config.get('env_prefix', '')}{field}".upper(): kind
        for kind in SETTINGS
        for field in kind.model_fields
    }


def shown() -> Mapping[str, str]:
    """What `.env.example` shows, set or commented out."""
    return {found["name"]: found["value"] for found in _LINE.finditer(read(ROOT / ".env.example"))}


def composed() -> set[str]:
    """What compose.yaml sets."""
    return set(yaml.safe_load(read(ROOT / "compose.yaml"))["x-miss"]["environment"])


def test_every_setting_that_is_shown_exists() -> None:
    assert (set(shown()) | composed()) - set(names()) == OF_COMPOSE


def test_every_setting_is_shown_or_seldom_changed() -> None:
    assert set(names()) - set(shown()) - composed() == SELDOM_CHANGED


def test_what_is_commented_out_is_not_set_by_compose_as_well() -> None:
    off = {found["name"] for found in _LINE.finditer(read(ROOT / ".env.example")) if found["off"]}
    assert off & composed() == set(), "compose.yaml would win over it"


def test_every_setting_has_a_comment_above_its_block() -> None:
    lines = read(ROOT / ".env.example").splitlines()
    for rank, line in enumerate(lines[6:], start=6):
        if line.startswith("#") and _LINE.match(line):
            block = next(one for one in reversed(lines[:rank]) if not _LINE.match(one))
            assert block.startswith("# "), line


def test_what_is_shown_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name in names()]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("fictif")
    secret.chmod(0o600)
    for name, value in shown().items():
        monkeypatch.setenv(name, str(secret) if name.endswith(("_FILE", "_SECRET")) else value or "fictif")
    for kind in SETTINGS:
        kind()
