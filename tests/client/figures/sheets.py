"""Drawings as tests look at them: where texts stand."""

import matplotlib as mpl

from oncommons.client.figures.drawing.canvas import RULES


def drawn(draw, shape, width="page"):
    """A canvas, and each text of it with the box that it fills, in points."""
    with mpl.rc_context(RULES):
        canvas = draw(shape, width)
        canvas.figure.draw_without_rendering()
        texts = list(canvas.figure.texts)
        for axes in canvas.figure.axes:
            texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
            texts += [one.label1 for axis in (axes.xaxis, axes.yaxis) if axes.axison for one in axis.get_major_ticks()]
        return canvas, [
            (one.get_text(), one.get_window_extent()) for one in texts if one.get_text() and one.get_visible()
        ]


def collisions(canvas, texts, most=2.0):
    """Texts that lie outside of the sheet, and those that lie upon each other by more than some points."""
    sheet = canvas.figure.bbox
    found = [
        text for text, box in texts if box.x0 < -1 or box.x1 > sheet.x1 + 1 or box.y0 < -1 or box.y1 > sheet.y1 + 1
    ]
    for i, (one, a) in enumerate(texts):
        for other, b in texts[i + 1 :]:
            if min(a.x1, b.x1) - max(a.x0, b.x0) > most / 4 and min(a.y1, b.y1) - max(a.y0, b.y0) > most:
                found.append((one, other))
    return found
