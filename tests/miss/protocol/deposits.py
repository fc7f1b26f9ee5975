"""Messages on their way through a conversation, as far as a proof needs them."""

from dataclasses import dataclass

import msgspec
from nacl.signing import SigningKey

from miss.base.ids import BlobId
from miss.protocol.crypto.attachments import Attachment, encrypt_blob, hash_blob
from miss.protocol.crypto.commits import Role
from miss.protocol.crypto.envelopes import Body, hash_envelope, seal_envelope
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.proof import MessageProof, compose_proof
from miss.protocol.crypto.receipts import Leaf, log_next, log_start, sign_batch
from tests.miss.protocol.people import BOB, NOW_MS, OPERATOR, Person, Stream, Team, body, chains, team

ROOT = OPERATOR.root_public
CERTS = [OPERATOR.cert().raw, OPERATOR.cert(Purpose.RECEIPT).raw]
TEAM = team()
FILE = b"la plaie" * 100
BLOB = b"".join(encrypt_blob([FILE], len(FILE), b"K" * 32, b"p" * 16))
PHOTO = Attachment(blob=BlobId(b"b" * 16), key=b"K" * 32, size=len(FILE), hash=hash_blob(BLOB), mime="image/jpeg")


@dataclass
class Deposit:
    """A message on its way through a conversation, and what its proof is made of."""

    author: Person = BOB
    team: Team = TEAM
    content: Body = body("Je confirme le diagnostic.")  # noqa: RUF009  # frozen
    seq: int = 7
    at_ms: int = NOW_MS + 1000
    seed: str = "env"

    @property
    def env(self) -> bytes:
        return seal_envelope(
            es=self.team.es,
            commit=self.team.commit,
            did=self.author.did,
            ik=self.author.keys.ik,
            body=self.content,
            random_bytes=Stream(self.seed),
        )

    @property
    def leaf(self) -> Leaf:
        cid, env_hash = self.team.commit.core.cid, hash_envelope(self.env)
        return Leaf(cid, self.seq, env_hash, log_next(log_start(cid), env_hash, self.seq), self.at_ms)

    def receipt(self, rc: SigningKey = OPERATOR.rc) -> bytes:
        """Signed among others, in the middle of a batch."""
        others = [msgspec.structs.replace(self.leaf, seq=seq) for seq in (100, 101)]
        return sign_batch([others[0], self.leaf, others[1]], rc)[1].to_bytes()

    def proof(self) -> MessageProof:
        return compose_proof(
            env=self.env,
            es=self.team.es,
            commit=self.team.commit.stripped(),
            links=[link.to_bytes() for link in self.author.links],
            opcerts=CERTS,
            receipt=self.receipt(),
            root_public=ROOT,
        )


def team_of(admin: Person, *others: Person) -> Team:
    commit, es = compose_commit(
        author=admin.author,
        members={admin.uid: Role.ADMIN} | {person.uid: Role.MEMBER for person in others},
        policy=TEAM.commit.core.policy,
        chains=chains(admin, *others),
        random_bytes=Stream("another team"),
    )
    return Team(commit, es)
