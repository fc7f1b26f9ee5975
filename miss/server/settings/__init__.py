"""Every setting of the server, with its default: a laptop needs none, a deployment sets a handful.

Read from the environment (`MISS_…`) and from the file named by `MISS_ENV_FILE`.  `miss check --settings` prints the
effective values, secrets left out.  Rooms never read settings: `miss.server.app` hands them plain values.

stores.py         databases, keys, broker, how long things are kept
doors.py          the HTTP server: where it listens, what it is called
sign_in.py        sessions, second factor, Pro Santé Connect, codes
directory.py      national extractions, addresses, sign-ups
limits.py         rates and quotas
mail.py           how mail leaves, who signs; arriving_mail.py, images.py
push.py           waking closed browsers
operator.py       who runs the platform
logs.py           log lines
secrets.py        files that hold one secret each

Those of backups lie with them: `miss.server.backup.settings`.
"""

from pydantic_settings import SettingsConfigDict

from miss.server.backup.settings import BackupSettings
from miss.server.settings.directory import DirectorySettings
from miss.server.settings.limits import LimitSettings
from miss.server.settings.logs import LogFormat, LogSettings
from miss.server.settings.mail import MailSettings
from miss.server.settings.operator import OperatorSettings
from miss.server.settings.push import PushSettings
from miss.server.settings.secrets import read_secret
from miss.server.settings.sign_in import SignInSettings
from miss.server.settings.stores import StoreSettings

__all__ = ["LogFormat", "Settings", "read_secret"]


class Settings(
    LogSettings,
    OperatorSettings,
    PushSettings,
    BackupSettings,
    LimitSettings,
    MailSettings,
    DirectorySettings,
    SignInSettings,
    StoreSettings,
):
    """The server's settings."""

    model_config = SettingsConfigDict(env_prefix="MISS_", extra="forbid")
