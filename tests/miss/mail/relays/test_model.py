"""Which relays a mail may leave by."""

from miss.mail.relays import Relay, route

EVERYBODY = Relay(name="tous", host="a.example")
SPARE = Relay(name="secours", host="b.example", rank=1)
SECURE = Relay(name="mss", host="c.example", domains=("mssante.example",))
HOSPITAL = Relay(name="ch", host="d.example", domains=("ch.mssante.example", "autre.example"))
ALL = (SPARE, EVERYBODY, SECURE, HOSPITAL)


def test_the_closest_name_wins_and_nobody_stands_in_for_it() -> None:
    assert route(ALL, "medecin.mssante.example") == (SECURE,)
    assert route(ALL, "ch.MSSANTE.example") == (HOSPITAL,)
    assert route(ALL, "autre.example") == (HOSPITAL,)


def test_every_other_domain_has_the_others_in_order() -> None:
    assert route(ALL, "notmssante.example") == (EVERYBODY, SPARE)


def test_a_domain_that_no_relay_serves_has_none() -> None:
    assert route((SECURE,), "ailleurs.example") == ()
