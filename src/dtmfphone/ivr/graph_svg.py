"""The drawing of a script as SVG, readable on light and dark."""

from html import escape
from typing import Final

from dtmfphone.ivr.layout import Arrow, Box, Drawing, Label

_STYLE: Final = """\
svg { --back: #ffffff; --text: #1c2330; --dim: #5a6474; --line: #6b7686; --ask: #dbe9ff; --speak: #eef1f5;
  --do: #fff0d2; --task: #ebe2ff; --end: #ffe0dd; background: var(--back); font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --back: #14181f; --text: #e8ecf2; --dim: #a3adbc; --line: #8b96a7;
  --ask: #1d3a63; --speak: #262d38; --do: #4a3a14; --task: #3a2d5e; --end: #572622; } }
text { fill: var(--text); text-anchor: middle; }
.title { font-size: 15px; font-weight: 600; text-anchor: start; }
.name { font-weight: 600; }
.line { fill: var(--dim); font-size: 11px; }
.label { font-size: 11px; }
rect { stroke: var(--line); }
.paper { fill: var(--back); stroke: none; }
.ask rect { fill: var(--ask); } .speak rect { fill: var(--speak); } .do rect { fill: var(--do); }
.task rect { fill: var(--task); } .end rect { fill: var(--end); }
path { fill: none; stroke: var(--line); stroke-width: 1.3; }
.inward { stroke-dasharray: 5 4; }
marker path { fill: var(--line); stroke: none; }
"""


def svg(drawing: Drawing) -> str:
    """Return the SVG file of a drawing."""
    width, height = round(drawing.width), round(drawing.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{_text(drawing.title)}</title>",
        f"<style>\n{_STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z"/></marker>',
        f'<text class="title" x="24" y="28">{_text(drawing.title)}</text>',
    ]
    boxes = {box.node.name: box for box in drawing.boxes}
    parts += [_way(arrow, boxes[arrow.edge.source]) for arrow in drawing.arrows]
    parts += [_box(box) for box in drawing.boxes]
    parts += [_label(arrow.edge.label, arrow.label) for arrow in drawing.arrows if arrow.label]
    return "\n".join((*parts, "</svg>\n"))


def _box(box: Box) -> str:
    middle = box.x + box.width / 2
    return (
        f'<g class="{box.node.role}" id="{_text(box.node.name)}"><title>{_text(box.node.text)}</title>'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="7"/>'
        f'<text class="name" x="{middle:.1f}" y="{box.y + 18:.1f}">{_text(box.node.name)}</text>'
        f'<text class="line" x="{middle:.1f}" y="{box.y + 34:.1f}">{_text(box.node.line)}</text></g>'
    )


def _way(arrow: Arrow, source: Box) -> str:
    if arrow.points:
        (x, y), *others = arrow.points
        path = f"M{x:.1f},{y:.1f}"
        for to_x, to_y in others:
            half = (y + to_y) / 2
            path += f" C{x:.1f},{half:.1f} {to_x:.1f},{half:.1f} {to_x:.1f},{to_y:.1f}"
            x, y = to_x, to_y
    else:
        right, middle = source.x + source.width, source.y + source.height / 2
        path = f"M{right:.1f},{middle - 9:.1f} c24,-6 24,24 0,18"
    kind = ' class="inward"' if arrow.edge.inward else ""
    return f'<path{kind} d="{path}" marker-end="url(#head)"/>'


def _label(text: str, place: Label) -> str:
    middle, base = place.x + place.width / 2, place.y + place.height - 4
    return (
        f'<rect class="paper" x="{place.x:.1f}" y="{place.y:.1f}" '
        f'width="{place.width:.1f}" height="{place.height:.1f}"/>'
        f'<text class="label" x="{middle:.1f}" y="{base:.1f}">{_text(text)}</text>'
    )


def _text(text: str) -> str:
    """Return text for XML, without characters that it cannot hold."""
    return escape("".join(char for char in text if char >= " " or char in "\t\n"))
