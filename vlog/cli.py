"""What a person types."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlog import __version__
from vlog.errors import ConfigurationError, VLogError

if TYPE_CHECKING:
    from vlog.admin_client import AdminClient
    from vlog.configuration import Configuration

app = typer.Typer(
    help="VLog: self-hosted video, in one process.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Explain the configuration.", no_args_is_help=True)
service_app = typer.Typer(help="Run VLog as a service.", no_args_is_help=True)
rung_app = typer.Typer(help="Make and drop single rungs.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(rung_app, name="rung")
app.add_typer(service_app, name="service")

Config = Annotated[
    Path | None, typer.Option("--config", help="Configuration file (default: ./vlog.toml)")
]
Url = Annotated[
    str | None, typer.Option(help="Address of the admin panel (default: as configured)")
]
VideoId = Annotated[int, typer.Argument(help="Number of the video, as `vlog list` shows it")]
Preset = Annotated[str | None, typer.Option(help="Preset of the encoder (default: as configured)")]
PasswordFile = Annotated[Path | None, typer.Option(help="File with the admin's password")]


@app.command()
def serve(
    config: Config = None,
    storage: Annotated[Path | None, typer.Option(help="Folder for videos and uploads")] = None,
    public_port: Annotated[int | None, typer.Option(help="Port of the public site")] = None,
    admin_port: Annotated[int | None, typer.Option(help="Port of the admin panel")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
) -> None:
    """Run everything: the public site, the admin panel and the work behind them."""
    from vlog.logs import configure_logging
    from vlog.supervisor import run

    given: dict[str, dict[str, Any]] = {
        "storage": {"path": storage.resolve() if storage else None},
        "public": {"port": public_port},
        "admin": {"port": admin_port},
        "logging": {"level": log_level},
    }
    configuration = _load(config, given)
    configure_logging(configuration.settings.logging)
    run(configuration, lambda text: typer.echo(text, err=False))


@app.command()
def upload(
    files: Annotated[list[Path], typer.Argument(help="Files to send", exists=True, dir_okay=False)],
    title: Annotated[str | None, typer.Option(help="Title (default: the name of the file)")] = None,
    description: Annotated[str, typer.Option(help="Description")] = "",
    category: Annotated[str | None, typer.Option(help="Name or slug of a category")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Do not publish")] = False,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Send files to a running VLog. What was cut off goes on when the command is run again."""
    from vlog.upload_progress import progress_bar

    if title is not None and len(files) > 1:
        raise ConfigurationError(
            "--title names one video. Send the files one by one, or leave it out."
        )
    details: dict[str, Any] = {"publish": not draft}
    if description:
        details["description"] = description
    if title is not None:
        details["title"] = title
    failed = False
    with _client(config, url, password_file) as client:
        if category is not None:
            details["category_id"] = client.category_id(category)
        for file in files:
            try:
                with progress_bar(file) as on_progress:
                    video = client.upload(file, details, on_progress)
            except VLogError as error:
                failed = True
                typer.echo(f"{file}: {error.detail}", err=True)
                continue
            typer.echo(f"{video['id']}\t{video['title']}\t{video['watch_url']}")
    if failed:
        raise typer.Exit(1)


@app.command("list")
def list_videos(url: Url = None, password_file: PasswordFile = None, config: Config = None) -> None:
    """Show the videos of a running VLog."""
    with _client(config, url, password_file) as client:
        for video in client.videos():
            percent = f"{video['progress_percent']:.0f} %"
            state = (
                video["status"]
                if video["status"] in ("ready", "failed")
                else f"{video['status']} {percent}"
            )
            typer.echo(f"{video['id']}\t{state}\t{video['title']}")


@app.command()
def retry(
    video_id: VideoId,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Try a failed video again."""
    with _client(config, url, password_file) as client:
        video = client.retry(video_id)
    typer.echo(f"“{video['title']}” is tried again.")


@app.command()
def retranscode(
    video_id: VideoId,
    ladder: Annotated[
        str | None, typer.Option(help="Rungs, such as 1080p,480p (default: as configured)")
    ] = None,
    preset: Preset = None,
    discard: Annotated[bool, typer.Option("--discard", help="Give it up instead")] = False,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Encode a ready video anew; viewers have what they had until it is verified."""
    with _client(config, url, password_file) as client:
        if discard:
            video = client.discard_revision(video_id)
            typer.echo(f"“{video['title']}” stays as it is.")
            return
        wishes: dict[str, Any] = {} if preset is None else {"preset": preset}
        if ladder is not None:
            wishes["ladder"] = [name.strip() for name in ladder.split(",") if name.strip()]
        video = client.encode_anew(video_id, wishes)
    typer.echo(f"“{video['title']}” is encoded anew as revision {video['beside']['revision']}.")


@rung_app.command("build")
def rung_build(
    video_id: VideoId,
    name: Annotated[str, typer.Argument(help="Such as 480p")],
    preset: Preset = None,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Make one rung of a ready video, or make it anew."""
    with _client(config, url, password_file) as client:
        video = client.build_rung(video_id, name, {} if preset is None else {"preset": preset})
    typer.echo(f"{name} of “{video['title']}” is being made.")


@rung_app.command("drop")
def rung_drop(
    video_id: VideoId,
    name: Annotated[str, typer.Argument(help="Such as 480p")],
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Stop serving one rung. Its files stay for a day, for those who are watching it."""
    with _client(config, url, password_file) as client:
        video = client.drop_rung(video_id, name)
    typer.echo(f"{name} of “{video['title']}” is served no more.")


@config_app.command("check")
def config_check(config: Config = None) -> None:
    """Say whether the configuration is right, and which encoders that it names work here."""
    from vlog.configuration import admin_password
    from vlog.transcoding.encoder_support import find_encoders

    configuration = _load(config)
    admin_password(configuration.settings)
    typer.echo(f"The configuration is right. File: {configuration.file or 'none, only defaults'}.")
    for sentence in asyncio.run(find_encoders(configuration.settings.transcoding)).sentences:
        typer.echo(sentence)


@config_app.command("show")
def config_show(config: Config = None) -> None:
    """Show every setting and where its value comes from."""
    from vlog.configuration import show

    typer.echo(show(_load(config)))


@service_app.command("print")
def service_print(config: Config = None) -> None:
    """Print a systemd unit for this installation."""
    from vlog.process.unit import unit_text

    configuration = _load(config)
    typer.echo(unit_text(Path(sys.executable), configuration.folder, configuration.file), nl=False)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _load(config: Path | None, given: dict[str, dict[str, Any]] | None = None) -> Configuration:
    from vlog.configuration import load

    chosen = {
        section: {name: value for name, value in values.items() if value is not None}
        for section, values in (given or {}).items()
    }
    return load(config, chosen)


def _client(config: Path | None, url: str | None, password_file: Path | None) -> AdminClient:
    from vlog.admin_client import AdminClient
    from vlog.configuration import admin_password

    settings = _load(config).settings
    if password_file is not None:
        password: str | None = password_file.read_text(encoding="utf-8").strip()
    else:
        password = admin_password(settings)
    host = settings.admin.host if settings.admin.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return AdminClient(url or f"http://{host}:{settings.admin.port}", password)


def main() -> None:
    """Run the command line. What goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except VLogError as error:
        typer.echo(error.detail, err=True)
        raise SystemExit(1) from None
