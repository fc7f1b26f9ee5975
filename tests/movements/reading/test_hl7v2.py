"""ADT messages: what is read of each, what is refused by name, and what hostile bytes do (nothing)."""

from datetime import datetime, timedelta

import hl7
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.documents.identities import InsStatus, Sex
from movements.errors import MovementsUnreadable
from movements.model import Movement, MovementKind
from movements.reading import Answered, compose_ack, parse_messages
from tests.movements.samples import INS, NOW, PARIS, SEGMENTS, message


def read(content: bytes) -> Movement:
    [one] = parse_messages(content, PARIS, NOW)
    assert one.refused is None, one.refused
    assert one.movement is not None
    return one.movement


def refused(content: bytes) -> str:
    [one] = parse_messages(content, PARIS, NOW)
    assert one.refused is not None
    return str(one.refused.params["field"])


def test_an_admission_is_read_whole() -> None:
    movement = read(message())
    assert (movement.kind, movement.reference, movement.is_cancelled) == (MovementKind.ADMISSION, "zbe:MVT0001", False)
    assert movement.happened_at == datetime(2026, 11, 20, 10, 15, tzinfo=PARIS)
    assert (movement.ward, movement.referring.rpps, movement.referring.family) == ("CARDIO", "99900000029", "EXEMPLE")
    patient = movement.patient
    assert (patient.birth_family_name, patient.used_family_name) == ("EXEMPLE", "RENOM")
    assert patient.birth_given_names == ("Jeanne", "Marie")
    assert (patient.sex, patient.status) == (Sex.F, InsStatus.QUALIFIEE)
    assert patient.ins is not None
    assert patient.ins.matricule == INS


@pytest.mark.parametrize(
    ("event", "kind", "is_cancelled"),
    [
        ("A02", MovementKind.TRANSFER, False),
        ("A03", MovementKind.DISCHARGE, False),
        ("A11", MovementKind.ADMISSION, True),
        ("A12", MovementKind.TRANSFER, True),
        ("A13", MovementKind.DISCHARGE, True),
    ],
)
def test_each_event_is_told_apart(event: str, kind: MovementKind, is_cancelled: bool) -> None:
    movement = read(message(event))
    assert (movement.kind, movement.is_cancelled) == (kind, is_cancelled)


def test_a_discharge_of_somebody_who_died_is_a_death() -> None:
    died = SEGMENTS["PID"] + "|" * 18 + "20261120093000+0100|Y"
    assert read(message("A03", PID=died)).kind is MovementKind.DEATH


def test_without_zbe_a_cancellation_has_the_reference_of_what_it_cancels() -> None:
    stay = SEGMENTS["PV1"][:4] + "1|I|CARDIO" + "|" * 16 + "SEJ77"
    said, cancelled = read(message("A01", ZBE="", PV1=stay)), read(message("A11", ZBE="", PV1=stay))
    assert said.reference == cancelled.reference == "stay:SEJ77:admission:"
    assert refused(message("A01", ZBE="", PV1="PV1|1|I")) == "PV1-19"


@pytest.mark.parametrize(
    ("segments", "named"),
    [
        ({"ROL": "", "PV1": "PV1|1|I|CARDIO|||||99900000029^EXEMPLE^Paul"}, "99900000029"),
        ({"ROL": "", "PD1": "PD1||||899900000029^EXEMPLE^Paul"}, "99900000029"),
        ({"ROL": "ROL||UP|AT|99900000011^MODELE^Anne"}, ""),
        ({"ROL": "ROL||UP|ODRP|4512^EXEMPLE^Paul"}, ""),
    ],
)
def test_the_doctor_is_found_where_hospitals_write_them(segments: dict[str, str], named: str) -> None:
    assert read(message(**segments)).referring.rpps == named


def test_an_ins_whose_key_is_wrong_does_not_travel() -> None:
    patient = read(message(PID=SEGMENTS["PID"].replace(INS, INS[:-1] + "0"))).patient
    assert patient.ins is None
    assert patient.birth_family_name == "EXEMPLE"


def test_a_time_without_an_offset_is_the_hospital_s() -> None:
    movement = read(message(ZBE=SEGMENTS["ZBE"].replace("+0100", "")))
    assert movement.happened_at.utcoffset() == timedelta(hours=1)


def test_escapes_and_charsets_are_read() -> None:
    latin = message(PID=SEGMENTS["PID"].replace("EXEMPLE^", "LEFÈVRE\\S\\X^"))
    latin = latin.decode().replace("UNICODE UTF-8", "8859/1").encode("iso-8859-1")
    assert read(latin).patient.birth_family_name == "LEFÈVRE^X"


@pytest.mark.parametrize(
    ("segments", "field"),
    [
        ({"PID": SEGMENTS["PID"].replace("EXEMPLE^Jeanne^Jeanne Marie^^^^L~RENOM^Jeanne^^^^^D", "")}, "PID-5.1"),
        ({"PID": SEGMENTS["PID"].replace("19790303", "19791303")}, "PID-7"),
        ({"PID": SEGMENTS["PID"].replace("19790303", "20301303")}, "PID-7"),
        ({"PID": SEGMENTS["PID"].replace("|F|", "|Z|")}, "PID-8"),
        ({"ZBE": SEGMENTS["ZBE"].replace("20261120101500+0100", "hier")}, "ZBE-2"),
        ({"MSH": SEGMENTS["MSH"].replace("ADT^A01^ADT_A01", "ORU^R01")}, "MSH-9"),
    ],
)
def test_what_is_wrong_is_named(segments: dict[str, str], field: str) -> None:
    assert refused(message(**segments)) == field


@pytest.mark.parametrize("event", ["A04", "A08", "A40", "Z99"])
def test_other_events_are_acknowledged_and_do_nothing(event: str) -> None:
    [one] = parse_messages(message(event, ZBE=SEGMENTS["ZBE"].replace("|A01", "")), PARIS, NOW)
    assert (one.control_id, one.movement, one.refused) == ("MSG00001", None, None)


@pytest.mark.parametrize(("event", "action"), [("A01", "UPDATE"), ("Z99", "UPDATE"), ("A08", "UPDATE"), ("A08", "")])
def test_what_is_said_anew_of_a_movement_bears_its_reference(event: str, action: str) -> None:
    [one] = parse_messages(message(event, ZBE=SEGMENTS["ZBE"].replace("INSERT", action)), PARIS, NOW)
    assert one.movement is not None
    assert (one.movement.is_update, one.movement.kind) == (True, MovementKind.ADMISSION)
    assert one.movement.reference == "zbe:MVT0001"


def test_a_cancellation_is_no_update() -> None:
    [one] = parse_messages(message("A11", ZBE=SEGMENTS["ZBE"].replace("INSERT", "UPDATE")), PARIS, NOW)
    assert one.movement is not None
    assert (one.movement.is_cancelled, one.movement.is_update) == (True, False)


def test_a_batch_is_taken_apart() -> None:
    batch = b"\x0b" + message() + b"\x1c\r\x0b" + message("A03") + b"\x1c\r"
    assert [one.movement.kind for one in parse_messages(batch, PARIS, NOW) if one.movement] == [
        MovementKind.ADMISSION,
        MovementKind.DISCHARGE,
    ]


def test_an_acknowledgement_is_read_by_another_reader() -> None:
    [one] = parse_messages(message(MSH=SEGMENTS["MSH"].replace("CEPAGE", "CE\\F\\PAGE")), PARIS, NOW)
    ack = hl7.parse(compose_ack(one, Answered("AE", "date | illisible"), NOW).decode())
    assert (str(ack["MSA.F1"]), str(ack["MSA.F2"])) == ("AE", "MSG00001")
    assert ack.unescape(str(ack["ERR.F8"])) == "date | illisible"
    assert ack.unescape(str(ack["MSH.F5"])) == "CE|PAGE"


def test_a_file_without_a_message_is_refused() -> None:
    with pytest.raises(MovementsUnreadable):
        list(parse_messages(b"Bonjour", PARIS, NOW))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 700), st.integers(0, 30))
def test_hostile_bytes_are_refused_by_name(noise: bytes, place: int, cut: int) -> None:
    whole = message()
    try:
        for one in parse_messages(whole[:place] + noise + whole[place + cut :], PARIS, NOW):
            compose_ack(one, Answered("AA"), NOW)
    except MissError as error:
        assert isinstance(error, MovementsUnreadable)  # noqa: PT017 - any other error fails by itself
