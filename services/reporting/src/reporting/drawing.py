"""Pictures of figures as SVG: narrow enough for a telephone, and legible without its colours.

Loading what draws takes long, so this module is imported only by what draws.
"""

from functools import lru_cache
from html import escape
from textwrap import wrap
from typing import Any, Final

import altair as alt
import vl_convert

from reporting.topics import Bar, Picture

WIDTH: Final = 320
LETTERS: Final = "ABCDE"
"""Each part has one, so that it is known by more than its colour."""
COLOURS: Final = ("#0b5c66", "#8a4b08", "#54319f", "#a3195b", "#484949")
"""White letters on any of them have a contrast of more than 6 to 1."""
INK: Final = "#0b0c0c"
LINE: Final = 17
THICK: Final = 16
GAP: Final = 11
LONGEST_LINE: Final = 40
"""Letters; two that are wider than most still fit."""
NARROWEST: Final = 0.11
"""Of the width: a part that has room for its letter and number."""
FEW_MONTHS: Final = 14
"""So many have room for their numbers."""
HIGH: Final = 170

Rows = list[dict[str, Any]]
Drawn = alt.LayerChart | alt.FacetChart


@lru_cache(maxsize=256)
def drawn(picture: Picture) -> bytes:
    """The picture."""
    chart = _months(picture) if picture.shape == "months" else _bars(picture)
    chart = chart.configure(
        aria=False, background="#fff", font="Noto Sans, sans-serif", padding=2
    ).configure_view(stroke=None)
    return _explained(svg_of(chart.to_dict()), picture).encode()


def svg_of(chart: dict[str, Any]) -> str:
    """A chart drawn; what it would have to fetch is an error."""
    svg: str = vl_convert.vegalite_to_svg(chart, allowed_base_urls=[])
    return svg


def _explained(svg: str, picture: Picture) -> str:
    """What it shows, for who cannot see it."""
    opening, _, rest = svg.partition(">")
    told = f'role="img" xml:lang="{picture.language}" aria-labelledby="title description"'
    title, description = escape(picture.title), escape(picture.description)
    return (
        f'{opening} {told}><title id="title">{title}</title>'
        f'<desc id="description">{description}</desc>{rest}'
    )


def _bars(picture: Picture) -> Drawn:
    """One below the other, each under its name."""
    wrapped = [wrap(bar.label, LONGEST_LINE) for bar in picture.bars]
    lines = max(map(len, wrapped))
    labels = ["\n".join([*[""] * (lines - len(label)), *label]) for label in wrapped]
    step = lines * LINE + THICK + GAP
    middle = lines * LINE + 2 + THICK / 2 - step / 2
    longest = max(max(bar.whole, sum(bar.parts)) for bar in picture.bars)
    names: Rows = [
        {"row": row, "label": label, "start": 0, "end": bar.whole, "number": _number(bar, picture)}
        for row, (bar, label) in enumerate(zip(picture.bars, labels, strict=True))
    ]
    down = alt.Y("row:O", axis=None, scale=alt.Scale(padding=0))
    along = alt.X("start:Q", axis=None, scale=alt.Scale(domain=[0, longest * 1.15], nice=False))
    named = alt.Chart(alt.InlineData(values=names)).encode(y=down)
    name = named.mark_text(
        align="left",
        baseline="bottom",
        lineBreak="\n",
        lineHeight=LINE,
        fontSize=13,
        color=INK,
        dy=middle - THICK / 2 - 5 - (lines - 1) * LINE,
    ).encode(x=alt.value(0), text="label:N")
    end = named.mark_text(
        align="left", baseline="middle", dx=5, dy=middle, fontSize=13, fontWeight="bold", color=INK
    ).encode(x=alt.X("far:Q"), text="number:N")
    for one, bar in zip(names, picture.bars, strict=True):
        one["far"] = max(bar.whole, sum(bar.parts))
    if not picture.parts:
        bars = named.mark_bar(size=THICK, yOffset=middle, color=COLOURS[0]).encode(
            x=along, x2="end:Q"
        )
        return alt.layer(bars, name, end).properties(width=WIDTH, height=alt.Step(step))
    outline = named.mark_bar(
        size=THICK, yOffset=middle, fill="#fff", stroke=INK, strokeWidth=1
    ).encode(x=along, x2="end:Q")
    return alt.layer(outline, *_parts(picture, longest, middle), name, end).properties(
        width=WIDTH, height=alt.Step(step)
    )


def _parts(picture: Picture, longest: float, middle: float) -> list[alt.Chart]:
    legend = [f"{letter}  {part}" for letter, part in zip(LETTERS, picture.parts, strict=False)]
    parts: Rows = []
    for row, bar in enumerate(picture.bars):
        start = 0
        for place, length in enumerate(bar.parts):
            wide = length / longest > NARROWEST
            said = f"{LETTERS[place]} {length}" if wide else LETTERS[place]
            end, part = start + length, legend[place]
            if length:
                parts.append(
                    {"row": row, "start": start, "end": end, "middle": (start + end) / 2}
                    | {"part": part, "said": said}
                )
            start = end
    colour = alt.Color(
        "part:N",
        scale=alt.Scale(domain=legend, range=list(COLOURS[: len(legend)])),
        legend=alt.Legend(
            orient="top",
            direction="vertical",
            title=None,
            labelFontSize=13,
            labelLimit=WIDTH,
            symbolType="square",
            symbolSize=150,
            labelColor=INK,
            rowPadding=3,
        ),
    )
    drawn = alt.Chart(alt.InlineData(values=parts)).encode(y=alt.Y("row:O", axis=None))
    return [
        drawn.mark_bar(size=THICK, yOffset=middle, stroke="#fff", strokeWidth=1).encode(
            x="start:Q", x2="end:Q", color=colour
        ),
        drawn.mark_text(
            baseline="middle", dy=middle, fontSize=11, fontWeight="bold", color="#fff"
        ).encode(x=alt.X("middle:Q"), text="said:N"),
    ]


def _number(bar: Bar, picture: Picture) -> str:
    number = f"{bar.whole:g}"
    return number if picture.language == "en" else number.replace(".", ",")


def _months(picture: Picture) -> Drawn:
    """One beside the other, as time goes by."""
    few = len(picture.bars) <= FEW_MONTHS
    highest = max(bar.whole for bar in picture.bars)
    columns: Rows = [
        {"row": place, "low": 0, "high": bar.whole, "number": f"{bar.whole:g}"}
        | {"label": _month(bar, place, few=few)}
        for place, bar in enumerate(picture.bars)
    ]
    across = alt.X("row:O", axis=None, scale=alt.Scale(paddingInner=0.15, paddingOuter=0))
    up = alt.Scale(domain=[0, highest], nice=False)
    drawn = alt.Chart(alt.InlineData(values=columns)).encode(x=across)
    scale = None if few else alt.Axis(title=None, tickCount=3, domain=False, labelFontSize=12)
    bars = drawn.mark_bar(color=COLOURS[0]).encode(
        y=alt.Y("low:Q", axis=scale, scale=up), y2="high:Q"
    )
    names = drawn.mark_text(
        baseline="top",
        dy=5,
        lineBreak="\n",
        lineHeight=LINE,
        fontSize=12,
        color=INK,
    ).encode(y=alt.Y("low:Q", scale=up), text="label:N")
    layers = [bars, names]
    if few:
        layers.append(
            drawn.mark_text(
                baseline="bottom", dy=-3, fontSize=12, fontWeight="bold", color=INK
            ).encode(y=alt.Y("high:Q", scale=up), text="number:N")
        )
    return alt.layer(*layers).properties(width=WIDTH, height=HIGH)


def _month(bar: Bar, place: int, *, few: bool) -> str:
    """The month, with its year where one begins; of many months only the years."""
    month, _, year = bar.label.partition(".")
    begins = month == "01"
    if few:
        # Of a December and the January after it, only one has room for its year.
        return f"{month}\n{year}" if begins or (place == 0 and month != "12") else month
    return year if begins else ""
