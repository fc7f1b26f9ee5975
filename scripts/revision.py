"""Write an Alembic revision from the difference between the tables and the revisions that exist.

    python3 run.py revision "what it does" [--of miss|keystore|register|SERVICE]

It compares on an empty SQLite database in a temporary folder.  Read what it wrote: columns are NOT NULL with a
server default, a column never changes its meaning, a rename is two releases.
"""

import argparse
import asyncio
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from miss.directory.register.store import register_schema
from miss.server.service import find_services
from miss.storage import Database
from miss.storage.migrate import Schema, alembic_config, application_schema, keystore_schema, migrate

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Parse the command line, write the revision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("message")
    parser.add_argument("--of", default="miss", help="whose tables: miss, keystore, register, or a service")
    arguments = parser.parse_args()
    _import_tables("miss")
    if arguments.of == "keystore":
        schema, versions = keystore_schema(), keystore_schema().versions[0]
    elif arguments.of == "register":
        schema, versions = register_schema(), register_schema().versions[0]
    elif arguments.of == "miss":
        schema, versions = application_schema(), application_schema().versions[0]
    else:
        # Only now: finding the services imports their tables, which would land in the house's own revision.
        services = {service.name: service for service in find_services().all}
        _import_tables(arguments.of)
        versions = services[arguments.of].versions
        versions.mkdir(exist_ok=True)
        schema = application_schema((versions,))
    asyncio.run(_write(schema, versions, arguments.of, arguments.message))


def _import_tables(package: str) -> None:
    for path in sorted((ROOT / package).rglob("tables.py")):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


async def _write(schema: Schema, versions: Path, branch: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/empty.db")
        await migrate(db, schema)
        async with db.engine.begin() as connection:
            await connection.run_sync(_autogenerate, schema, versions, branch, message)
        await db.close()


def _autogenerate(connection: Connection, schema: Schema, versions: Path, branch: str, message: str) -> None:
    first = not any(versions.glob("*.py"))
    number = f"{branch}_{len(list(versions.glob('*.py'))) + 1:04}"
    script = command.revision(
        alembic_config(schema, connection),
        message,
        autogenerate=True,
        rev_id=number,
        head="base" if first else f"{branch}@head",
        branch_label=branch if first else None,
        version_path=str(versions),
    )
    print(script.path if script and not isinstance(script, list) else script)


if __name__ == "__main__":
    main()
