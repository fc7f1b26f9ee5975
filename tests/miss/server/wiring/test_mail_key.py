"""The certificate of the first start is for every address that mails leave from."""

from miss.server.wiring.mail_key import addresses_of


def test_each_service_s_address_is_among_them() -> None:
    assert addresses_of("miss.example") == [
        "miss@miss.example",
        "mouvements@miss.example",
        "teleexpertise@miss.example",
    ]
