"""What pages of the panel have in common."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.web.pages import public_site, render


def private_page(
    request: Request, template: str, *, status: int = 200, **values: object
) -> Response:
    """A page about credentials: nobody keeps it, and nobody is told where one came from."""
    response = render(request, template, public_base=public_site(request), **values)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
