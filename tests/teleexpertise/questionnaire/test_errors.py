from teleexpertise.questionnaire.errors import Fault, FormsFaulty, FormUnreadable


def test_a_fault_says_where_it_is() -> None:
    assert str(Fault("item[2].type", "enum", "unknown type")) == "item[2].type: unknown type [enum]"
    assert str(Fault("", "form_version", "bad version")) == "form: bad version [form_version]"


def test_errors_list_every_fault_in_their_sentence() -> None:
    faults = (Fault("a", "x", "one"), Fault("b", "y", "two"))
    for error in (FormUnreadable(faults), FormsFaulty(faults)):
        assert error.faults == faults
        assert "a: one [x]; b: two [y]" in error.sentence()
