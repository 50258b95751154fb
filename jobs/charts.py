"""How the notebooks' charts look. Fonts are those of the machine: nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

FONTS: Final = (
    '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei", sans-serif'
)
#: The lights as the board's light page has them, and what was not seen; each differs in brightness, too.
COLOURS: Final = {"green": "#1f8a4c", "yellow": "#e0a100", "red": "#d3222a", "unseen": "#d8dfdc"}
LIGHT_WORDS: Final = {"green": "绿 green", "yellow": "黄 yellow", "red": "红 red", "unseen": "未读 not read"}
INK: Final = "#17211d"
ACCENT: Final = "#0b5c46"
#: What is compared with.
SOFT: Final = "#9aa7a1"


def _theme() -> alt.theme.ThemeConfig:
    text: Any = {"labelFont": FONTS, "titleFont": FONTS, "labelFontSize": 12, "titleFontSize": 12}
    axis: Any = text | {"labelLimit": 360, "gridColor": "#e8eceb", "titleFontWeight": "normal"}
    return {
        "config": {
            "font": FONTS,
            "background": "#ffffff",
            "axis": axis,
            "axisQuantitative": {"tickCount": 8},
            "legend": text | {"labelLimit": 360, "orient": "top", "titleFontWeight": "normal"},
            "header": text,
            "title": {"font": FONTS, "fontSize": 14, "anchor": "start", "color": INK},
            "text": {"font": FONTS},
            "view": {"stroke": "transparent"},
        }
    }


def use_theme() -> None:
    """Let all charts of this process look so, and hold a city's villages."""
    alt.data_transformers.disable_max_rows()
    alt.theme.register("d110", enable=True)(_theme)


def light_colour(lights: Sequence[str] = tuple(COLOURS)) -> alt.Color:
    """The colours of some lights, for a column ``light`` that holds ``LIGHT_WORDS``."""
    words, colours = [LIGHT_WORDS[one] for one in lights], [COLOURS[one] for one in lights]
    return alt.Color("light:N", title=None, scale=alt.Scale(domain=words, range=colours))
