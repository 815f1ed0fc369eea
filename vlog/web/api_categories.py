"""The admin API: categories and tags."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import categories as category_catalog
from vlog.catalog.categories import CategoryWithCount
from vlog.errors import (
    Conflict,
    Invalid,
    NotFound,
)
from vlog.web import queries
from vlog.web.models.categories import CategoryList, CategoryOut, NewCategory
from vlog.web.models.tags import TagList
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def list_categories(request: Request) -> CategoryList:
    """Every category."""
    return CategoryList(categories=await queries.admin_categories(services_of(request)))


async def add_category(request: Request, *, body: NewCategory) -> CategoryOut:
    """Add a category."""
    category = await services_of(request).database.write(
        lambda session: category_catalog.add(session, body.name, body.description),
        name="add category",
    )
    return queries.category_out(CategoryWithCount(category, 0))


async def remove_category(request: Request) -> Response:
    """Remove a category; its videos stay."""
    category_id = request.path_params["category_id"]
    await services_of(request).database.write(
        lambda session: category_catalog.remove(session, category_id), name="remove category"
    )
    return Response(status_code=204)


async def list_tags(request: Request) -> TagList:
    """Every tag that a video has."""
    return await queries.tags(services_of(request), public=False)


_TAGS = ("categories",)

CATEGORIES_API = [
    Operation(
        "GET",
        "/api/categories",
        list_categories,
        summary="List categories",
        response=CategoryList,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/categories",
        add_category,
        summary="Add a category",
        body=NewCategory,
        response=CategoryOut,
        status=201,
        tags=_TAGS,
        errors=(Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        "/api/categories/{category_id:int}",
        remove_category,
        summary="Remove a category",
        status=204,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation("GET", "/api/tags", list_tags, summary="List tags", response=TagList, tags=("tags",)),
]
