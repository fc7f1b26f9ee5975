"""Passwords: accepted if hard to guess, kept as Argon2id in the standard form."""

from unicodedata import normalize

import nacl.pwhash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.random import RandomBytes, system_random
from miss.base.text import Language
from miss.directory.sign_in.errors import PasswordPersonal, PasswordTooLong, PasswordTooShort, PasswordTooWeak
from miss.directory.sign_in.passwords import MAX_LENGTH, PasswordCost, PasswordHasher, require_length

PASSWORD = "agrafe cheval batterie"


@pytest.fixture
def hasher(random_bytes: RandomBytes) -> PasswordHasher:
    return PasswordHasher(PasswordCost.MINIMAL, random_bytes)


@pytest.mark.parametrize("password", ["", "onze caract", "\U0001f512" * 11])
def test_less_than_twelve_characters_is_too_short(password: str) -> None:
    with pytest.raises(PasswordTooShort) as caught:
        require_length(password)
    assert caught.value.params == {"minimum": 12}


@pytest.mark.parametrize("password", ["douze caract", "x" * MAX_LENGTH, "\U0001f512" * 12])
def test_twelve_characters_are_enough(password: str) -> None:
    require_length(password)


async def test_a_length_beyond_reason_is_refused(hasher: PasswordHasher) -> None:
    with pytest.raises(PasswordTooLong):
        await hasher.require_acceptable("x" * (MAX_LENGTH + 1), ())


@pytest.mark.parametrize("password", ["123456789012", "584920173645", "azertyuiop12", "motdepassemotdepasse"])
async def test_long_and_weak_is_refused_with_what_to_do(hasher: PasswordHasher, password: str) -> None:
    with pytest.raises(PasswordTooWeak) as caught:
        await hasher.require_acceptable(password, ())
    assert caught.value.params["minimum"] == 50
    assert password not in str(caught.value)
    assert "Ajoutez un ou deux mots" in caught.value.sentence(Language.FR)
    assert "Add a word or two" in caught.value.sentence(Language.EN)


async def test_ones_own_name_is_refused_however_strong(hasher: PasswordHasher) -> None:
    with pytest.raises(PasswordPersonal):
        await hasher.require_acceptable("girafe lundi compas modele", ("MODÈLE", "Anne"))
    await hasher.require_acceptable("girafe lundi compas verglas", ("MODÈLE", "Anne"))


async def test_what_is_kept_is_argon2id_as_libsodium_reads_it(hasher: PasswordHasher) -> None:
    kept = await hasher.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert nacl.pwhash.verify(kept.encode(), PASSWORD.encode())
    assert await hasher.hash(PASSWORD) != kept


async def test_the_interactive_cost_is_64_mib(random_bytes: RandomBytes) -> None:
    hasher = PasswordHasher(PasswordCost.INTERACTIVE, random_bytes)
    kept = await hasher.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert await hasher.verify(PASSWORD, kept)


@given(st.text(max_size=MAX_LENGTH), st.text(max_size=MAX_LENGTH))
async def test_only_the_same_password_verifies(chosen: str, given_later: str) -> None:
    hasher = PasswordHasher(PasswordCost.MINIMAL, system_random)
    kept = await hasher.hash(chosen)
    assert await hasher.verify(chosen, kept)
    assert await hasher.verify(given_later, kept) == (normalize("NFC", given_later) == normalize("NFC", chosen))


async def test_composed_and_decomposed_accents_are_one_password(hasher: PasswordHasher) -> None:
    kept = await hasher.hash("l'\u00e9t\u00e9 indien dure")
    assert await hasher.verify("l'e\u0301te\u0301 indien dure", kept)


async def test_a_hash_made_at_another_cost_still_verifies(hasher: PasswordHasher, random_bytes: RandomBytes) -> None:
    dearer = PasswordHasher(PasswordCost(2, 16 * 1024), random_bytes)
    assert await hasher.verify(PASSWORD, await dearer.hash(PASSWORD))


async def test_without_a_password_nothing_verifies(hasher: PasswordHasher) -> None:
    assert not await hasher.verify(PASSWORD, None)
    assert not await hasher.verify("", None)


async def test_a_password_beyond_reason_is_not_cut_into_the_right_one(hasher: PasswordHasher) -> None:
    longest = "x" * MAX_LENGTH
    kept = await hasher.hash(longest)
    assert await hasher.verify(longest, kept)
    assert not await hasher.verify(longest + "x", kept)
