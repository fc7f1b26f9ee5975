from dataclasses import replace
from typing import Any

import pytest

from miss.base.text import Language
from teleexpertise.dispatch import Decision, Exclusion, choose, explain
from tests.teleexpertise.dispatch.pools import (
    ANNE,
    BRUNO,
    CAROL,
    DAVID,
    DAY,
    NEVER,
    NOW,
    POOL,
    a_member,
    a_need,
)


def test_named() -> None:
    decision = choose(POOL, [a_member(ANNE), a_member(BRUNO)], a_need(named=BRUNO), NOW)
    assert explain(decision) == ("Le demandeur a souhaité votre avis en particulier.",)


def test_continuity_after_the_named_one_could_not() -> None:
    need = a_need(named=ANNE, continuity=BRUNO, declined=frozenset({ANNE}))
    sentences = explain(choose(POOL, [a_member(ANNE), a_member(BRUNO)], need, NOW))
    assert sentences == (
        "L'expert souhaité par le demandeur ne pouvait pas la prendre.",
        "Vous avez déjà donné un avis dans cette situation : la suite vous est proposée d'abord.",
        "Non sollicités : écarté(s) pour cette demande : 1.",
    )


@pytest.mark.parametrize(
    ("anne", "bruno", "said"),
    [
        ({"credit": 5}, {"credit": 9}, "vous en aviez reçu le moins"),
        ({"last_turn": NOW - DAY}, {"last_turn": NOW}, "votre dernier tour est le plus ancien"),
        ({}, {"last_turn": NOW}, "vous n'aviez pas encore eu de tour"),
        ({"credit": 9}, {"active": False}, "Vous seul pouviez"),
    ],
)
def test_the_turn_says_what_told_them_apart(anne: dict[str, Any], bruno: dict[str, Any], said: str) -> None:
    decision = choose(POOL, [a_member(ANNE, **anne), a_member(BRUNO, **bruno)], a_need(), NOW)
    assert decision.chosen == ANNE
    assert said.replace("vous en aviez", "c'est vous qui en aviez") in explain(decision)[0]
    assert "2 membres" in explain(decision)[0]


def test_colleagues_are_counted_once_and_never_named() -> None:
    members = [
        a_member(ANNE),
        a_member(BRUNO, NEVER, cap=1, open_count=1),
        a_member(CAROL, cap=1, open_count=1),
        a_member(DAVID),
    ]
    decision = choose(POOL, members, a_need(deadline=NOW + DAY, objections=frozenset({DAVID})), NOW)
    sentences = explain(decision)
    assert sentences[-1] == (
        "Non sollicités : absent(s) ou sans créneau avant l'échéance : 1, au maximum de demandes accepté : 1, "
        "écarté(s) pour cette demande : 1."
    )
    assert not any(name in sentence for name in (BRUNO, CAROL, DAVID) for sentence in sentences)


def test_nobody_waits_and_the_coordinator_is_told() -> None:
    sentences = explain(choose(POOL, [a_member(ANNE, NEVER)], a_need(deadline=NOW + DAY), NOW))
    assert sentences == (
        "Aucun expert ne peut prendre cette demande pour l'instant, sur 1 membre.",
        "Elle sera proposée à l'ouverture du prochain créneau.",
        "Aucun créneau connu ne permet de tenir l'échéance : le coordinateur est prévenu.",
        "Non sollicités : absent(s) ou sans créneau avant l'échéance : 1.",
    )


def test_in_english_too() -> None:
    decision = choose(POOL, [a_member(ANNE), a_member(BRUNO, active=False)], a_need(), NOW)
    assert explain(decision, Language.EN) == (
        "You alone could take this request, out of 2 members.",
        "Not asked: away or without a slot before the deadline: 1.",
    )


@pytest.mark.parametrize("reason", [reason for reason in Exclusion if reason is not Exclusion.NOT_MEMBER])
def test_every_reason_is_in_a_group(reason: Exclusion) -> None:
    (candidate,) = choose(POOL, [a_member(ANNE)], a_need(), NOW).candidates
    sentences = explain(Decision((replace(candidate, reasons=(reason,)),)))
    assert sentences[-1].endswith(": 1.")
