"""The settings of what one person, device, address or program may do in a time."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LimitSettings(BaseSettings):
    """The part of `Settings` about rates and quotas."""

    http_requests_per_min: int = Field(600, ge=1, description="Requests to the chat's HTTP, by device or address.")
    http_commits_per_min: int = Field(10, ge=1, description="Changes of members or keys, by device.")
    http_blobs_per_min: int = Field(60, ge=1, description="Uploads of attachments, by device.")
    http_identity_per_min: int = Field(10, ge=1, description="Recoveries and pairings, by address.")
    http_sign_ins_per_min: int = Field(60, ge=1, description="Sign-ins and activations on the pages, by address.")
    searches_per_hour: int = Field(
        120, ge=1, description="Pages of answers and entries of the directory that an account may see."
    )
    searches_per_day: int = Field(600, ge=2, description="The same, in any 24 hours.")
    token_searches_per_hour: int = Field(
        600, ge=1, description="Pages of answers and entries that an establishment's programs may ask for together."
    )
    token_entries_per_day: int = Field(
        12_000,
        ge=2,
        description="Entries of the directory that an establishment's programs are shown together in any 24 hours, "
        "unless the console gives it a number of its own.",
    )
    establishment_requests_per_min: int = Field(
        3000,
        ge=2,
        description="Requests of all programs of an establishment together, at every door that takes a token, unless "
        "the console gives it a number of its own.",
    )
    scim_requests_per_min: int = Field(
        1500, ge=1, description="Requests of an establishment's provisioning program, by token; by address without one."
    )
    sockets_per_address: int = Field(
        2000, ge=1, description="Sockets open from one address, often a whole site's, on all processes."
    )
    sockets_unknown_per_address: int = Field(
        500, ge=1, description="Of those, the ones that have not authenticated yet."
    )
    sockets_per_account: int = Field(24, ge=1, description="Sockets open for one account, on all processes.")
    sockets_per_process: int = Field(
        20_000, ge=1, description="Sockets open in this process; twice as many open files must be allowed."
    )
    socket_openings_per_min: int = Field(60, ge=1, description="Sockets a device may open.")
    send_burst: int = Field(60, ge=1, description="Messages a device may send at once.")
    send_per_s: float = Field(1.0, gt=0, description="Messages a second it regains.")
