"""The model in one picture, for docs/explanation/model.md: from an outcome to the next act, and where drugs come in.

`python docs/examples/model.py` draws it again, as docs/images/model.svg.
"""

import sys
from pathlib import Path

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from habenula_rl import figures
from habenula_rl.figures import style

IMAGES = Path(__file__).parents[1] / "images"
MM = 1 / 25.4
SIZE = (210.0, 112.0)  # mm
TALL = 11.5  # half of a box's height

# name: (x, y, half of the width, colour, title, what it computes, functions of habenula_rl that do)
BOXES = {
    "outcome": (24, 66, 20, style.GREY, "outcome", "δ = r + γ·V(s') - V(s)", "agents.habenula.learn"),
    "habenula": (
        76,
        66,
        24,
        style.VERMILION,
        "lateral habenula",
        "single spikes R, bursts B\nL = R + g·B",
        "circuit.habenula",
    ),
    "rmtg": (126, 66, 17, style.PINK, "RMTg", "relays, inverted", "circuit.dopamine.dip"),
    "dopamine": (
        180,
        86,
        24,
        style.BLUE,
        "dopamine",
        "phasic D: dips, bursts\ntonic T: falls with B at rest",
        "circuit.dopamine",
    ),
    "raphe": (180, 46, 24, style.SKY, "raphe", "serotonin S\nfalls with B at rest", "circuit.raphe"),
    "control": (24, 22, 20, style.GREEN, "control Ω", "does acting help?", "circuit.control"),
    "striatum": (110, 22, 26, style.ORANGE, "striatum", "value V, Go G, NoGo N\npreference z", "circuit.striatum"),
    "act": (180, 20, 18, style.GREY, "act", "softmax over z", "engine.kernel.choose"),
}
ARROWS = [  # from, to, what goes over it, and whether it excites
    ("outcome", "habenula", "-δ", True),
    ("habenula", "rmtg", "λ·L", True),
    ("rmtg", "dopamine", "", False),
    ("rmtg", "raphe", "", False),
    ("outcome", "control", "", True),
    ("control", "striatum", "less pull by V", False),
    ("striatum", "act", "z", True),
    ("raphe", "striatum", "S", True),
]
ENTRIES = [  # what acts on the habenula from outside: place, name, symbol
    (42, "stress without control", "h grows"),
    (76, "Kir4.1", "h: more bursts"),
    (110, "NMDA receptors", "m: bursts need them"),
]
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1}
TEXT = {"ha": "center", "va": "center", "fontsize": 7.5}


def box(axes, x, y, half, colour, title, text, function):
    axes.add_patch(
        FancyBboxPatch(
            (x - half, y - TALL),
            2 * half,
            2 * TALL,
            boxstyle="round,pad=0,rounding_size=2",
            linewidth=1.1,
            edgecolor=colour,
            facecolor=(*to_rgb(colour), 0.14),
        )
    )
    axes.text(x, y + 7.4, title, weight="bold", **TEXT)
    axes.text(x, y + 0.6, text, linespacing=1.3, **TEXT)
    axes.text(x, y - 8.4, function, style="italic", color=style.NOTE, **TEXT | {"fontsize": 6})


def ends(first, last):
    """Beside each other from side to side, else from below or above, as straight as the boxes' widths allow."""
    (x, y, half, *_), (to_x, to_y, to_half, *_) = BOXES[first], BOXES[last]
    if abs(to_x - x) > half + to_half:
        way = 1 if to_x > x else -1
        return (x + way * half, y), (to_x - way * to_half, to_y)
    way = 1 if to_y > y else -1
    over = min(max(x, to_x - to_half + 4), to_x + to_half - 4)
    return (over, y + way * TALL), (over, to_y - way * TALL)


def arrow(axes, start, end, excites=True, text="", colour="0.25"):
    """A point where it excites, a bar where it inhibits."""
    head = "-|>" if excites else "|-|,widthA=0,widthB=0.35"
    axes.annotate("", end, start, arrowprops={"arrowstyle": head, "color": colour, "linewidth": 1.1, "shrinkB": 1.5})
    if text:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        axes.text(x, y, text, bbox=PAPER, **TEXT | {"fontsize": 7})


def main(folder=IMAGES):
    """Draw the picture into `folder`."""
    with figures.styled():
        fig = Figure(figsize=(SIZE[0] * MM, SIZE[1] * MM))
        axes = fig.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        axes.axis("off")
        for first, last, text, excites in ARROWS:
            arrow(axes, *ends(first, last), excites, text)
        for one in BOXES.values():
            box(axes, *one)
        for x, name, symbol in ENTRIES:
            arrow(axes, (x, 91), (min(max(x, 55), 97), 66 + TALL), True, colour=style.VERMILION)
            axes.text(x, 95.5, f"{name}\n{symbol}", linespacing=1.2, **TEXT | {"fontsize": 7})
        axes.text(110, 107.5, "ketamine blocks them where neurons burst", color=style.GREEN, **TEXT | {"fontsize": 7})
        arrow(axes, (110, 105.5), (110, 99), False, colour=style.GREEN)
        arrow(axes, (40, 22 + TALL), (60, 66 - TALL), False, "slows growth of h")
        arrow(axes, (157, 86 - TALL), (128, 22 + TALL), True, colour=style.BLUE)
        axes.text(118, 45, "D teaches V, G and N\nT and S give vigour", color=style.BLUE, **TEXT | {"fontsize": 7})
        axes.plot([180, 180, 1.6, 1.6], [20 - TALL, 5, 5, 66], color="0.25", linewidth=1.1)
        arrow(axes, (1.6, 66), (4.4, 66))
        axes.text(105, 5, "what the task makes of it", bbox=PAPER, **TEXT | {"fontsize": 7})
        fig.savefig(folder / "model.svg", metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
