"""`miss`: the command line of the people who install, watch and upgrade.

Each group of commands stands in a module of `miss.server.commands`, loaded when one of its commands is called: what
only reads a file does not wait for the server's rooms.  Services add their own at the top level.
"""

import sys
from importlib import import_module
from types import MappingProxyType

import typer

from miss.base.errors import MissError
from miss.base.text import Language
from miss.server.service import find_services

_MODULES = MappingProxyType(
    {
        "serve": "serve",
        "migrate": "serve",
        "demo": "demo",
        "check": "check",
        "directory": "directory",
        "operator": "operator",
        "proof": "proof",
        "audit": "audit",
        "keys": "keys",
        "platform": "platform",
        "backup": "backup",
        "probe": "probe",
        "establishment": "establishment",
        "push": "push",
    }
)
"""Each command or group of the house, and the module of `miss.server.commands` that holds it."""


def build(called: str = "") -> typer.Typer:
    """The command line as far as `called`, its first word, needs it: one module of the house, or everything."""
    app = typer.Typer(
        help="MiSS: secure messaging and tele-expertise for health professionals.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # With a callback, a single command still goes by its name.
    app.callback()(lambda: None)
    for name in [called] if called in _MODULES else _MODULES:
        module = import_module(f"miss.server.commands.{_MODULES[name]}")
        group = getattr(module, "app", None)
        if isinstance(group, typer.Typer):
            app.add_typer(group, name=name)
        else:
            app.command(name)(getattr(module, name))
    if called not in _MODULES:
        for service in find_services().all:
            app.add_typer(service.commands)
    return app


def main() -> None:
    """Run one command; what goes wrong in a way that has a name is said in one sentence, exit code 1."""
    try:
        build(next(iter(sys.argv[1:]), ""))()
    except MissError as error:
        typer.echo(f"{error.sentence(Language.FR)}\n({error.code}) {error.sentence(Language.EN)}", err=True)
        sys.exit(1)
