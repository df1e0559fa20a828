"""The drawing of a script as the window gets it."""

from typing import Final

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrLabel, IvrWay
from dtmfphone.ivr.asking_nodes import Asking
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.graph import graph_of
from dtmfphone.ivr.label_growth import growths
from dtmfphone.ivr.language import Language
from dtmfphone.ivr.layout import Label, draw
from dtmfphone.ivr.meaning import grammar
from dtmfphone.ivr.nodes import Node

MOST_NODES: Final = 100
"""Larger scripts are not drawn when a call begins."""


def ivr_graph(script: Script, call: str) -> IvrGraph:
    """Return the drawing of a script for a call at time 0, without boxes when it is too large; takes up to 0.1 s."""
    graph = graph_of(script)
    if len(graph.nodes) > MOST_NODES:
        return IvrGraph(t=0.0, call=call, script=script.name, title=graph.title)
    drawing = draw(graph)
    says = {name: _says(node, script.language) for name, node in script.all_nodes()}
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
                says=says[box.node.name],
            )
            for box in drawing.boxes
        ),
        ways=tuple(
            IvrWay(
                source=arrow.edge.source,
                target=arrow.edge.target,
                label=arrow.edge.label,
                inward=arrow.edge.inward,
                points=arrow.points,
                place=_place(arrow.label, growth) if arrow.label else None,
            )
            for arrow, growth in zip(drawing.arrows, growths(drawing), strict=True)
        ),
    )


def _place(label: Label, growth: float) -> IvrLabel:
    return IvrLabel(x=label.x, y=label.y, width=label.width, height=label.height, growth=growth)


def _says(node: Node, language: Language) -> str:
    if not isinstance(node, Asking):
        return ""
    may = grammar(node, language, confirming=False)
    return ", ".join((*may.phrases, *(["digits"] if may.digits else [])))
