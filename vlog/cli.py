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
    from vlog.client.admin_client import AdminClient
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
captions_app = typer.Typer(help="Read, send and remove captions.", no_args_is_help=True)
models_app = typer.Typer(help="Fetch models for captions.", no_args_is_help=True)
app.add_typer(captions_app, name="captions")
app.add_typer(config_app, name="config")
app.add_typer(models_app, name="models")
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
    from vlog.client.upload_progress import progress_bar

    if title is not None and len(files) > 1:
        raise ConfigurationError(
            "--title names one video. Send the files one by one, or leave it out."
        )
    details: dict[str, Any] = {"visibility": "private" if draft else "public"}
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


@captions_app.command("list")
def captions_list(
    video_id: VideoId,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Show the captions of a video."""
    with _client(config, url, password_file) as client:
        for captions in client.captions(video_id):
            words = f"{captions['word_count']} words"
            typer.echo(
                f"{captions['language']}\t{captions['label']}\t{captions['origin']}\t{words}"
            )


@captions_app.command("get")
def captions_get(
    video_id: VideoId,
    language: Annotated[
        str | None, typer.Option(help="Such as en (default: those for whoever does not choose)")
    ] = None,
    kind: Annotated[str, typer.Option("--format", help="vtt, srt or txt")] = "vtt",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write")] = None,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Fetch captions as a file."""
    if kind not in ("vtt", "srt", "txt"):
        raise ConfigurationError("--format is vtt, srt or txt.")
    with _client(config, url, password_file) as client:
        content = client.caption_file(video_id, language, kind)
    if output is None:
        typer.echo(content.decode("utf-8"), nl=False)
    else:
        output.write_bytes(content)


@captions_app.command("put")
def captions_put(
    video_id: VideoId,
    file: Annotated[Path, typer.Argument(help="WebVTT or SubRip", exists=True, dir_okay=False)],
    language: Annotated[str, typer.Option(help="Such as en, de or pt-BR")],
    name: Annotated[str, typer.Option(help="What people choose them by")] = "",
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Send a file with captions, in the place of those of its language."""
    with _client(config, url, password_file) as client:
        made = client.put_captions(video_id, file.read_bytes(), language, name)
    typer.echo(f"{made['label']}: {len(made['cues'])} cues, {made['word_count']} words.")


@captions_app.command("remove")
def captions_remove(
    video_id: VideoId,
    language: Annotated[str, typer.Option(help="Such as en")],
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Remove the captions of one language."""
    with _client(config, url, password_file) as client:
        client.remove_captions(video_id, language)
    typer.echo(f"The captions in {language} were removed.")


@app.command()
def transcribe(
    video_id: VideoId,
    language: Annotated[
        str | None, typer.Option(help="What is spoken, such as en (default: found out)")
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Give it up instead")] = False,
    url: Url = None,
    password_file: PasswordFile = None,
    config: Config = None,
) -> None:
    """Have what is spoken in a video written down, anew if it was before."""
    with _client(config, url, password_file) as client:
        if cancel:
            client.cancel_transcription(video_id)
            typer.echo("The transcription is cancelled; what it had written is removed.")
            return
        found = client.transcribe(video_id, language)
    typer.echo(f"The video is going to be transcribed. {found['reason'] or ''}".strip())


@models_app.command("list")
def models_list(config: Config = None) -> None:
    """Show the models that can be fetched; the one that is set is marked."""
    from vlog.transcription.models import listing

    for line in listing(_load(config).settings.transcription):
        typer.echo(line)


@models_app.command("fetch")
def models_fetch(
    name: Annotated[str, typer.Argument(help="Such as medium; see `vlog models list`")],
    config: Config = None,
) -> None:
    """Fetch a model from Hugging Face. Captions that wait for it go on by themselves."""
    from vlog.transcription.model_fetching import fetch

    folder = fetch(name, _load(config).settings.transcription)
    typer.echo(f"The model is here: {folder}")


@config_app.command("check")
def config_check(config: Config = None) -> None:
    """Say whether the configuration is right, and whether what it names works here."""
    from vlog.configuration import admin_password
    from vlog.transcoding.encoder_support import find_encoders
    from vlog.transcription.models import why_unusable

    configuration = _load(config)
    admin_password(configuration.settings)
    typer.echo(f"The configuration is right. File: {configuration.file or 'none, only defaults'}.")
    for sentence in asyncio.run(find_encoders(configuration.settings.transcoding)).sentences:
        typer.echo(sentence)
    transcription = configuration.settings.transcription
    if transcription.enabled and (reason := why_unusable(transcription)) is not None:
        typer.echo(reason)


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
    from vlog.client.admin_client import AdminClient
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
