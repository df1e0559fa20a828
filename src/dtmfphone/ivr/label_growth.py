"""How much larger labels may be drawn in their places, e.g. where all else becomes small."""

from collections.abc import Sequence
from typing import Final

from dtmfphone.ivr.layout import Box, Drawing, Label

MOST: Final = 2.8


def growths(drawing: Drawing) -> list[float]:
    """Return for each arrow the factor, 1 to `MOST`, by which its label may grow around its middle.

    Labels that have all grown so far lie on no other label and on no box, and not beyond the edge.
    """
    labels = sorted({arrow.label for arrow in drawing.arrows if arrow.label}, key=lambda label: (label.y, label.x))
    found = {label: min(MOST, _to_boxes(label, drawing.boxes), _to_edge(label, drawing)) for label in labels}
    for number, one in enumerate(labels):
        for other in labels[number + 1 :]:
            if other.y - one.y > MOST * max(one.height, other.height):
                break
            most = _to_label(one, other)
            found[one], found[other] = min(found[one], most), min(found[other], most)
    return [found[arrow.label] if arrow.label else 1.0 for arrow in drawing.arrows]


def _middle(label: Label) -> tuple[float, float]:
    return label.x + label.width / 2, label.y + label.height / 2


def _to_label(one: Label, other: Label) -> float:
    """Return the factor by which both may grow until they touch."""
    (x, y), (other_x, other_y) = _middle(one), _middle(other)
    return max(2 * abs(x - other_x) / (one.width + other.width), 2 * abs(y - other_y) / (one.height + other.height))


def _to_boxes(label: Label, boxes: Sequence[Box]) -> float:
    x, y = _middle(label)
    return min(
        max(
            2 * max(box.x - x, x - box.x - box.width) / label.width,
            2 * max(box.y - y, y - box.y - box.height) / label.height,
        )
        for box in boxes
    )


def _to_edge(label: Label, drawing: Drawing) -> float:
    x, _ = _middle(label)
    return 2 * min(x, drawing.width - x) / label.width
