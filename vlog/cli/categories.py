"""Categories and tags."""

from __future__ import annotations

from typing import Annotated

import typer

from vlog.cli.completion import complete_category
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server

app = typer.Typer()
categories_app = typer.Typer(help="Show, add and remove categories.", no_args_is_help=True)
app.add_typer(categories_app, name="categories", rich_help_panel=MANAGE)


@categories_app.command("list")
@at_server
def list_categories(server: Server) -> None:
    """Show all categories."""
    for category in server.client.categories():
        columns = [category["slug"], category["video_count"], category["name"]]
        server.output.row(category, columns, (24, -5))


@categories_app.command("add")
@at_server
def add_category(
    server: Server,
    name: Annotated[str, typer.Argument(help="Name")],
    description: Annotated[str, typer.Option(help="Description")] = "",
) -> None:
    """Add a category."""
    category = server.client.add_category(name, description)
    server.output.show(category, f"The category “{category['name']}” was added.")


@categories_app.command("remove")
@at_server
def remove_category(
    server: Server,
    name: Annotated[str, typer.Argument(help="Name or slug", autocompletion=complete_category)],
) -> None:
    """Remove a category; its videos stay."""
    category = server.client.category(name)
    server.client.remove_category(category["id"])
    removed = {"id": category["id"], "name": category["name"], "removed": True}
    server.output.show(removed, f"The category “{category['name']}” was removed.")


@app.command(rich_help_panel=MANAGE)
@at_server
def tags(server: Server) -> None:
    """Show all tags."""
    for tag in server.client.tags():
        server.output.row(tag, [tag["slug"], tag["video_count"], tag["name"]], (24, -5))
