"""The built pages: tablet below ``/tablet/`` (with its service worker), board at ``/board``, chunks at ``/assets``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.datastructures import CacheControlHeader
from litestar.response import File, Redirect
from litestar.router import Router
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

DIST: Final = Path(__file__).parent / "web" / "dist"
#: Chunk names carry a hash of their content, so a chunk never changes.
_FOREVER: Final = CacheControlHeader(max_age=365 * 86_400, public=True, immutable=True)
_ASK_FIRST: Final = CacheControlHeader(no_cache=True)


@get("/", include_in_schema=False)
async def front_door() -> Redirect:
    return Redirect("/board")


@get("/board", include_in_schema=False)
async def board_page() -> File:
    return _page(DIST / "board" / "index.html")


@get(["/board", "/tablet"], include_in_schema=False)
async def pages_missing() -> Response[str]:
    text = "网页尚未构建，请运行 make setup。 / The pages are not built yet: run make setup.\n"
    return Response(text, status_code=503, media_type="text/plain; charset=utf-8")


def _page(path: Path) -> File:
    return File(path, content_disposition_type="inline", media_type="text/html", headers={"Cache-Control": "no-cache"})


def page_routes(dist: Path = DIST) -> list[ControllerRouterHandler]:
    """The routes of the pages; where they are not built, a word that says so."""
    if not (dist / "tablet" / "index.html").is_file():
        return [front_door, pages_missing]
    return [front_door, board_page, *_static(dist)]


def _static(dist: Path) -> list[Router]:
    return [
        create_static_files_router("/assets", [dist / "assets"], name="assets", cache_control=_FOREVER),
        create_static_files_router(
            "/tablet", [dist / "tablet"], name="tablet", html_mode=True, cache_control=_ASK_FIRST
        ),
    ]
