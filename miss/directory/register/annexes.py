"""What an import does to the tables beside the register's: diplomas and authorisations, secure-mail addresses."""

# ruff: noqa: S608 - every name in these statements is our own, values are parameters

from miss.directory.register.bulk import Bulk
from miss.directory.register.mailboxes import STRUCTURE_PREFIX
from miss.directory.register.model import Delta
from miss.directory.register.remarks import Findings, Reason
from miss.directory.register.store import require_steady


async def stage_qualifications(bulk: Bulk) -> None:
    """Make the staging table of `write_qualifications`."""
    key = ("practitioner_id", "kind", "type_code", "code")
    await bulk.stage("s_qualification", dict.fromkeys((*key, "type", "label"), "text"), key)


_SAME_QUALIFICATION = (
    "q.practitioner_id = s.practitioner_id AND q.kind = s.kind AND q.type_code = s.type_code AND q.code = s.code"
)


async def write_qualifications(bulk: Bulk, *, accept_shrink: bool) -> tuple[Delta, int]:
    """Write what differs; the delta, and how many are of nobody in the register.  Raises RegisterShrinks."""
    unknown = await bulk.run(
        "DELETE FROM s_qualification"
        " WHERE NOT EXISTS (SELECT 1 FROM register_practitioner p WHERE p.id = s_qualification.practitioner_id)"
    )
    ((present,),) = await bulk.fetch("SELECT count(*) FROM register_qualification")
    key = "practitioner_id, kind, type_code, code"
    ((incoming,),) = await bulk.fetch(f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM s_qualification) d")
    require_steady(present, incoming, accept_shrink=accept_shrink)
    gone = await bulk.run(
        "DELETE FROM register_qualification AS q"
        f" WHERE NOT EXISTS (SELECT 1 FROM s_qualification s WHERE {_SAME_QUALIFICATION})"
    )
    new = await bulk.run(
        "INSERT INTO register_qualification (practitioner_id, kind, type_code, code, type, label)"
        " SELECT s.practitioner_id, s.kind, s.type_code, s.code, min(s.type), min(s.label) FROM s_qualification s"
        f" WHERE NOT EXISTS (SELECT 1 FROM register_qualification q WHERE {_SAME_QUALIFICATION})"
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    return Delta(new=new, gone=gone, unchanged=incoming - new), unknown


async def stage_mailboxes(bulk: Bulk) -> None:
    """Make the staging tables of `write_mailboxes`."""
    await bulk.stage("s_claim", {"address": "text", "practitioner_id": "text", "line": "bigint"})
    await bulk.stage(
        "s_box", {"address": "text", "practitioner_id": "text", "line": "bigint", "lines": "bigint"}, ("address",)
    )


async def write_mailboxes(bulk: Bulk, findings: Findings, *, accept_shrink: bool) -> Delta:
    """Write what differs.  An address that the file gives to two is nobody's: one could write as the other.

    Raises RegisterShrinks.
    """
    await bulk.run(
        "INSERT INTO s_box SELECT address, min(practitioner_id), min(line), count(*) FROM s_claim"
        " GROUP BY address HAVING count(DISTINCT practitioner_id) = 1"
    )
    shared = (
        "SELECT line FROM s_claim c WHERE NOT EXISTS (SELECT 1 FROM s_box b WHERE b.address = c.address) ORDER BY 1"
    )
    for (line,) in await bulk.fetch(shared):
        findings.rejected.add(line, Reason.ADDRESS_SHARED)
    ((services,),) = await bulk.fetch("SELECT coalesce(sum(lines), 0) FROM s_box WHERE practitioner_id = ''")
    findings.skipped += int(services)
    await bulk.run("DELETE FROM s_box WHERE practitioner_id = ''")
    nobody = (
        f"practitioner_id NOT LIKE '{STRUCTURE_PREFIX}%'"
        " AND NOT EXISTS (SELECT 1 FROM register_practitioner p WHERE p.id = s_box.practitioner_id)"
    )
    for (line,) in await bulk.fetch(f"SELECT line FROM s_box WHERE {nobody} ORDER BY 1"):
        findings.rejected.add(line, Reason.PRACTITIONER_UNKNOWN)
    await bulk.run(f"DELETE FROM s_box WHERE {nobody}")
    ((present,),) = await bulk.fetch("SELECT count(*) FROM register_mailbox")
    ((incoming,),) = await bulk.fetch("SELECT count(*) FROM s_box")
    require_steady(present, incoming, accept_shrink=accept_shrink)
    gone = await bulk.run(
        "DELETE FROM register_mailbox AS m WHERE NOT EXISTS (SELECT 1 FROM s_box b WHERE b.address = m.address)"
    )
    changed = await bulk.run(
        "UPDATE register_mailbox AS m SET practitioner_id = b.practitioner_id FROM s_box b"
        " WHERE b.address = m.address AND b.practitioner_id <> m.practitioner_id"
    )
    new = await bulk.run(
        "INSERT INTO register_mailbox (address, practitioner_id) SELECT b.address, b.practitioner_id FROM s_box b"
        " WHERE NOT EXISTS (SELECT 1 FROM register_mailbox m WHERE m.address = b.address) ORDER BY 1"
    )
    return Delta(new, changed, gone, incoming - new - changed)
