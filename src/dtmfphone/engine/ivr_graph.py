"""The drawing of a script as the window gets it."""

from typing import Final

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrWay
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.graph import graph_of
from dtmfphone.ivr.layout import draw

MOST_NODES: Final = 100
"""Larger scripts are not drawn when a call begins."""


def ivr_graph(script: Script, call: str) -> IvrGraph:
    """Return the drawing of a script for a call at time 0, without boxes when it is too large; takes up to 0.1 s."""
    graph = graph_of(script)
    if len(graph.nodes) > MOST_NODES:
        return IvrGraph(t=0.0, call=call, script=script.name, title=graph.title)
    drawing = draw(graph)
    return IvrGraph(
        t=0.0,
        call=call,
        script=script.name,
        title=drawing.title,
        width=drawing.width,
        height=drawing.height,
        boxes=tuple(
            IvrBox(
                node=box.node.name,
                role=box.node.role,
                line=box.node.line,
                text=box.node.text,
                x=box.x,
                y=box.y,
                width=box.width,
                height=box.height,
            )
            for box in drawing.boxes
        ),
        ways=tuple(
            IvrWay(source=edge.source, target=edge.target, label=edge.label, inward=edge.inward, points=arrow.points)
            for arrow in drawing.arrows
            for edge in (arrow.edge,)
        ),
    )
