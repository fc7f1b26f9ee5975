"""scim2-client, the provisioning client of the tests, over the httpx we have: its own engine asks for httpx2."""

from typing import Any

import httpx
from scim2_client import BaseSyncSCIMClient, RequestNetworkException


class ProvisioningClient(BaseSyncSCIMClient):
    """A SCIM client on a real connection."""

    def __init__(self, http: httpx.Client, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.http = http

    def _stays_under_base_url(self, endpoint: str) -> bool:
        url, base = self.http.build_request("GET", endpoint).url, self.http.base_url
        return (url.scheme, url.netloc) == (base.scheme, base.netloc) and url.raw_path.startswith(base.raw_path)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        try:
            return self.http.request(method, url, **kwargs)
        except httpx.RequestError as error:
            raise RequestNetworkException from error
