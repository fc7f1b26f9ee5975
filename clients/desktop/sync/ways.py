"""How an account comes to a machine: by an activation letter, by another device, by the recovery key.  Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Letter:
    """What an activation letter says; `starts_over`: a reset letter, after everything was lost."""

    server_url: str
    rpps: str
    code: str = field(repr=False)
    fingerprint: str
    starts_over: bool = False


@dataclass(frozen=True, slots=True)
class OtherDevice:
    """What another device of the same person shows."""

    uri_or_code: str = field(repr=False)
    server_url: str = ""
    """Not needed with a URI."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """The recovery code or passphrase, a ticket from the account's pages, and the operator's fingerprint."""

    server_url: str
    rpps: str
    ticket: str = field(repr=False)
    secret: str = field(repr=False)
    fingerprint: str


Way = Letter | OtherDevice | Recovery
