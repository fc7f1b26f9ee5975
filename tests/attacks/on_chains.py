"""Lies about people's chains of devices.  Each is met with the operator's genuine countersignature where it has one."""

from collections.abc import Callable, Sequence

from nacl.signing import SigningKey

from tests.attacks import plays
from tests.attacks.forge import Forger
from tests.attacks.lies import ChainLie
from tests.attacks.middle import Answering, Lie
from tests.attacks.mutation import Catalogue
from tests.attacks.plays import Play
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()


def chain(
    name: str, play: Play, expected: str, change: Callable[[Forger, list[bytes]], Sequence[bytes] | None],
    *, blocks: bool = False,
) -> None:  # fmt: skip
    who = "hugo" if play is plays.meets else "claire"

    def lie(scene: Scene, forger: Forger) -> Lie:
        return ChainLie(scene.uids[who], scene.template.links[who], lambda links: change(forger, list(links)))

    CATALOGUE.add(name, play, expected, lie, recovers=not blocks, heals=not blocks)


MEETS, AGAIN, COMPARES = plays.meets, plays.meets_again, plays.compares
chain("signing key swapped", MEETS, "raised link_forged", lambda f, c: [f.link(c[0], ik=f.ghost_keys.ik_public)])
chain("sealing key swapped", MEETS, "raised link_forged", lambda f, c: [f.link(c[0], ek=f.ghost_keys.ek_public)])
chain("user key swapped", MEETS, "raised link_forged", lambda f, c: [f.link(c[0], uek_pk=f.ghost_user_key.public)])
chain("device id swapped", MEETS, "raised link_forged", lambda f, c: [f.link(c[0], did=f.ghost_did)])
chain("link dated in the future", MEETS, "raised link_not_allowed", lambda f, c: [f.link(c[0], ts=2**46)])
chain("link of a higher version", MEETS, "raised unsupported_version", lambda f, c: [f.link_of_version(c[0], 2)])
chain("link stripped of its version", MEETS, "raised bad_link", lambda f, c: [f.link_of_version(c[0], None)])
chain("no countersignature", MEETS, "raised link_not_countersigned", lambda f, c: [f.link_without_operator(c[0])])
chain(
    "countersigned by an uncertified key",
    MEETS,
    "raised link_not_countersigned",
    lambda f, c: [f.link_without_operator(c[0], SigningKey(b"Y" * 32))],
)
chain("chain denied", MEETS, "raised contact_without_device", lambda f, c: None)
chain("chain empty", MEETS, "raised link_out_of_order", lambda f, c: [])
chain("ghost device, met with it", MEETS, "raised link_forged", lambda f, c: [*c, f.ghost_link(c)])
chain("ghost device", AGAIN, "raised link_forged", lambda f, c: [*c, f.ghost_link(c)])
chain("ghost device, vouched by nobody", AGAIN, "raised link_forged", lambda f, c: [*c, f.ghost_link(c, vouched=False)])
chain("chain withdrawn", COMPARES, "raised chain_withdrawn", lambda f, c: [])
chain("chain replaced", COMPARES, "raised chain_withdrawn", lambda f, c: [f.genesis(c[0])])
chain("chain replaced and longer", AGAIN, "raised chain_withdrawn", lambda f, c: f.ghost_chain(c[0]))
chain("chain forked", AGAIN, "raised chain_withdrawn", lambda f, c: [f.genesis(c[0]), *c])
chain("link repeated", AGAIN, "raised link_out_of_order", lambda f, c: [*c, c[0]])
chain("started over by the operator alone", AGAIN, "raised contact_reset", lambda f, c: [*c, f.reset(c)], blocks=True)


@CATALOGUE.line("another person's chain", MEETS, "raised certified_identity_mismatch")
def _(scene: Scene, forger: Forger) -> Lie:
    return ChainLie(scene.uids["hugo"], scene.template.links["hugo"], lambda _: scene.template.links["claire"])


@CATALOGUE.line("certificate by another root", MEETS, "raised bad_opcert")
def _(scene: Scene, forger: Forger) -> Lie:
    return Answering(
        "(GET users/.*/chain|POST chains)", lambda body: body | {"opcerts": [forger.foreign_certificate()]}
    )
