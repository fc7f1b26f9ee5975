from miss.protocol.wire.close import CloseCode


def test_codes_are_those_of_the_specification() -> None:
    assert {code.value for code in CloseCode} == {4001, 4002, 4003, 4008, 4009, 4010, 4029}


def test_clients_come_back_only_where_it_helps() -> None:
    assert {code for code in CloseCode if code.reconnects} == {CloseCode.SLOW, CloseCode.RESTART, CloseCode.RATE}


def test_explanations_fit_in_a_close_frame() -> None:
    for code in CloseCode:
        assert 10 < len(code.explanation.encode()) <= 123
