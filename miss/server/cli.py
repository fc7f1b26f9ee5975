"""`miss`: the command line of the people who install, watch and upgrade.

Each group of commands stands in a module of `miss.server.commands`; services add their own at the top level.
"""

import sys

import typer

from miss.base.errors import MissError
from miss.base.text import Language
from miss.server.commands import audit, check, demo, directory, operator, proof, serve
from miss.server.service import find_services


def build() -> typer.Typer:
    """The whole command line of this installation."""
    app = typer.Typer(
        help="MiSS: secure messaging and tele-expertise for health professionals.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(serve.serve)
    app.command()(serve.migrate)
    app.command()(demo.demo)
    app.command()(check.check)
    app.add_typer(directory.app, name="directory")
    app.add_typer(operator.app, name="operator")
    app.add_typer(proof.app, name="proof")
    app.add_typer(audit.app, name="audit")
    for service in find_services().all:
        app.add_typer(service.commands)
    return app


def main() -> None:
    """Run one command; what goes wrong in a way that has a name is said in one sentence, exit code 1."""
    try:
        build()()
    except MissError as error:
        typer.echo(f"{error.sentence(Language.FR)}\n({error.code}) {error.sentence(Language.EN)}", err=True)
        sys.exit(1)
