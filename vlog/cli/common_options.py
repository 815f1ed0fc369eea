"""Options that are said once for all commands of a kind, instead of in each of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

Command = Callable[..., None]


def with_options(
    command: Command, body: Command, options: Mapping[str, Any], *, made: int = 1
) -> Command:
    """`body` under the name of `command`, with its parameters and `options`.

    Args:
        command: its first parameters are what `body` makes of the options.
        body: gets all other parameters by name.
        options: the annotation of each option, which is False or None where it is not given.
        made: how many parameters `body` makes.
    """
    own = list(inspect.signature(command).parameters.values())[made:]
    hints = get_type_hints(command, include_extras=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [one.replace(kind=keyword, annotation=hints[one.name]) for one in own]
    parameters += [
        inspect.Parameter(
            name, keyword, annotation=kind, default=False if kind.__origin__ is bool else None
        )
        for name, kind in options.items()
    ]
    functools.update_wrapper(body, command)
    # Whoever asks for the parameters must see these ones, not those of the command below.
    del body.__wrapped__  # type: ignore[attr-defined]
    body.__annotations__ = {one.name: one.annotation for one in parameters}
    body.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return body
