"""`miss push`: the key by which push services know this server."""

from typing import Annotated

import typer

from miss.base.random import system_random
from miss.chat.push.wire.keys import renew_push_key
from miss.server.commands.session import load_settings

app = typer.Typer(help="The key by which push services know this server.", no_args_is_help=True)
# With a callback, a single command still goes by its name.
app.callback()(lambda: None)


@app.command()
def renew(
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="The former key is worth nothing any more: it may be in other hands."),
    ] = False,
) -> None:
    """Put a new key in use; restart the servers afterwards.

    Browsers subscribe anew when they are next opened.  Until then the former key wakes them, unless --at-once.
    """
    renew_push_key(load_settings().operator_keys, system_random, keep_former=not at_once)
    typer.echo("✓ nouvelle clé : redémarrez les serveurs, puis sauvegardez les clés.")
    typer.echo(
        "L’ancienne clé ne vaut plus rien : un navigateur fermé ne reçoit rien avant d’être rouvert."
        if at_once
        else "L’ancienne clé sert encore aux navigateurs qui n’ont pas été rouverts, jusqu’au prochain renouvellement."
    )
