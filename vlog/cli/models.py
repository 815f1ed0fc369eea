"""Models for captions."""

from __future__ import annotations

from typing import Annotated

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP

app = typer.Typer()
models_app = typer.Typer(help="Fetch models for captions.", no_args_is_help=True)
app.add_typer(models_app, name="models", rich_help_panel=SET_UP)


@models_app.command("list")
@at_installation
def list_models(here: Installation) -> None:
    """Show the models that can be fetched; the one that is set is marked."""
    from vlog.transcription.models import listing

    for model in listing(here.present.settings.transcription):
        here.output.show(
            {
                "name": model.name,
                "megabytes": model.megabytes,
                "chosen": model.chosen,
                "here": model.here,
            },
            str(model),
        )


@models_app.command("fetch")
@at_installation
def fetch_model(
    here: Installation,
    name: Annotated[str, typer.Argument(help="Such as medium; see `vlog models list`")],
) -> None:
    """Fetch a model from Hugging Face. Captions that wait for it go on by themselves."""
    from vlog.transcription.model_fetching import fetch

    folder = fetch(name, here.configuration.settings.transcription)
    here.output.show({"name": name, "folder": str(folder)}, f"The model is here: {folder}")
