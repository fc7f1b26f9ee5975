"""What a block writes: conversations that rest.  protocol §4

A conversation at rest is one that needs a commit before the next envelope, as after a change of keys: deliveries look
at that already, under the conversation's lock.
"""

from collections.abc import Collection

from sqlalchemy import func, update
from sqlmodel import col, select

from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations.blocks.model import PAIR
from miss.chat.conversations.store import current_of, lock
from miss.chat.conversations.tables import ConversationRow, MemberRow
from miss.chat.devices.tables import ChainRow
from miss.storage import Transaction


async def keep_out_commits(tx: Transaction, uids: Collection[AccountId]) -> None:
    """Until the transaction ends no commit that names one of these people is accepted: each holds its members' chains.

    Before any conversation is locked, and in one order, as commits and links do.
    """
    chains = select(ChainRow.uid).where(col(ChainRow.uid).in_(sorted(uids))).order_by(col(ChainRow.uid))
    await tx.exec(chains.with_for_update())


async def list_of_two(tx: Transaction, one: AccountId, other: AccountId) -> list[ConversationId]:
    """The conversations of these two and nobody else."""
    member = MemberRow
    query = (
        select(col(member.cid))
        .where(
            col(member.cid).in_(current_of(one)),
            col(member.cid).in_(current_of(other)),
            col(member.to_version).is_(None),
        )
        .group_by(col(member.cid))
        .having(func.count() == PAIR)
    )
    return [ConversationId(cid) for cid in await tx.exec(query)]


async def put_to_rest(tx: Transaction, cids: Collection[ConversationId]) -> None:
    """No envelope is taken there before a commit."""
    if cids:
        await lock(tx, cids)
        await tx.exec(
            update(ConversationRow).where(col(ConversationRow.cid).in_(sorted(cids))).values(needs_rekey=True)
        )
