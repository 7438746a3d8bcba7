"""The plan in docs/explanation/architecture.md: the data's way, and a rule's.

`python docs/examples/architecture.py` draws it again, as docs/images/architecture.svg.
"""

import sys
from pathlib import Path

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from habenula_rl import figures
from habenula_rl.figures import style

IMAGES = Path(__file__).parents[1] / "images"
MM = 1 / 25.4
SIZE = (242.0, 222.0)  # mm
TALL = 9.0  # half of a box's height
INPUT, READ, RULE, RUN, REPORT = style.GREY, style.SKY, style.PINK, style.ORANGE, style.GREEN

# name: (x, y, half of the width, colour, in which folder, what happens there); a file or a caller has no folder
BOXES = {
    "config": (36, 198, 26, INPUT, "", "configs/NAME.yaml\nor a dict"),
    "plan": (36, 172, 26, READ, "config", "every mistake at once, or a\nPlan: groups, phases, hours"),
    "drugs": (100, 172, 26, READ, "interventions", "drugs, light, lesions: what\nthey make of parameters"),
    "units": (36, 146, 30, RUN, "experiment", "units: a group's subjects,\na chunk at a time, over threads"),
    "simulate": (100, 146, 26, INPUT, "", "hrl.simulate(agent, task)"),
    "subjects": (
        66,
        120,
        61,
        RUN,
        "engine",
        "Subjects: parameters and state, carried from phase to phase\nLayout: types and sizes of all records",
    ),
    "record": (24, 92, 19, RUN, "engine", "RecordProgram:\none after another"),
    "lanes": (66, 92, 19, RUN, "engine", "LaneProgram:\n16 subjects at once"),
    "episodes": (108, 92, 19, RUN, "environments", "Episodes:\nGymnasium steps"),
    "tables": (
        66,
        66,
        61,
        INPUT,
        "",
        "trials, a row for each step · subjects, a row for each subject and phase\n"
        "in parquet files, or as run.trials and run.subjects",
    ),
    "analysis": (66, 38, 61, REPORT, "analysis", "readouts and statistics; a tidy summary"),
    "figure": (24, 12, 19, REPORT, "figures", "figure: reads the\nsummary only"),
    "verdicts": (66, 12, 19, REPORT, "findings", "verdicts\non the claims"),
    "manifest": (108, 12, 19, REPORT, "experiment", "manifest, last:\nhashes of all files"),
    "rules": (
        190,
        198,
        36,
        INPUT,
        "agents, tasks",
        "start, prefer, learn · begin, step\nin plain Python, for one subject",
    ),
    "contract": (
        190,
        172,
        36,
        RULE,
        "contract",
        "checked when the class is defined:\nfields, shapes, what is compiled",
    ),
    "compiler": (190, 146, 36, RULE, "compiler", "all that a rule reaches, as one\nmodule; compiled, kept on disk"),
    "vector": (159, 118, 14, RULE, "compiler.lanes", "16 subjects\nin vectors"),
    "compiled": (190, 118, 14, RULE, "compiler", "compiled, for\none subject"),
    "plain": (221, 118, 14, RULE, "compiler", "plain Python,\nfor breakpoints"),
    "likelihood": (169, 84, 25, RUN, "fitting", "likelihood of choices,\nwith its gradient"),
    "live": (219, 84, 19, RUN, "engine", "LiveAgent: acts\nand learns by steps"),
    "choices": (169, 58, 25, INPUT, "", "choices.csv,\nor a run's trials"),
    "environment": (219, 58, 19, INPUT, "environments", "a task, or any\nenvironment"),
}
ARROWS = [
    ("config", "plan"),
    ("plan", "units"),
    ("drugs", "units"),
    ("drugs", "simulate"),
    ("units", "subjects"),
    ("simulate", "subjects"),
    ("subjects", "record"),
    ("subjects", "lanes"),
    ("subjects", "episodes"),
    ("record", "tables"),
    ("lanes", "tables"),
    ("episodes", "tables"),
    ("tables", "analysis"),
    ("analysis", "figure"),
    ("analysis", "verdicts"),
    ("analysis", "manifest"),
    ("rules", "contract"),
    ("contract", "compiler"),
    ("compiler", "vector"),
    ("compiler", "compiled"),
    ("compiler", "plain"),
    ("compiled", "live"),
    ("plain", "live"),
    ("compiled", "likelihood"),
    ("choices", "likelihood"),
    ("environment", "live"),
]
BOUND = ((141.5, 120), (127.5, 120))  # the arrow from a rule's three forms to the engine
FORMS = (142, 100.5, 96, 29)  # the frame around them: left, bottom, width, height
LEGEND = [(READ, "read and check"), (RULE, "rules"), (RUN, "run"), (REPORT, "report"), (INPUT, "files and callers")]


def draw_box(axes, x, y, half, colour, folder, text, tall=TALL):
    """The folder in bold above what happens there; what is a file, or comes from outside, has a thin dashed line."""
    outside = colour == INPUT
    axes.add_patch(
        FancyBboxPatch(
            (x - half, y - tall),
            2 * half,
            2 * tall,
            boxstyle="round,pad=0,rounding_size=1.6",
            linewidth=1.0,
            linestyle=(0, (3, 2)) if outside else "-",
            edgecolor=colour,
            facecolor="white" if outside else (*to_rgb(colour), 0.14),
        )
    )
    if folder:
        axes.text(x, y + 5.4, f"{folder}/".replace(".", "/").replace(", ", "/, "), weight="bold", **CENTRED)
    axes.text(x, y - (2.2 if folder else 0), text, linespacing=1.25, **CENTRED)


CENTRED = {"ha": "center", "va": "center", "fontsize": 8}
HEAD = CENTRED | {"fontsize": 11, "weight": "bold"}
ARROW = {"arrowstyle": "-|>", "color": "0.3", "linewidth": 0.8}


def ends(first, last):
    """Where an arrow leaves one box and reaches the other: beside each other, or one above the other."""
    (x, y, half, *_), (to_x, to_y, to_half, *_) = BOXES[first], BOXES[last]
    if y == to_y:
        way = 1 if to_x > x else -1
        return (x + way * half, y), (to_x - way * to_half, to_y)
    way = 1 if to_y > y else -1
    over = min(max(x, to_x - to_half + 4), to_x + to_half - 4)  # as straight as the boxes' widths allow
    return (min(max(over, x - half + 4), x + half - 4), y + way * TALL), (over, to_y - way * TALL)


def main(folder=IMAGES):
    """Draw the plan into `folder`."""
    with figures.styled():
        fig = Figure(figsize=(SIZE[0] * MM, SIZE[1] * MM))
        axes = fig.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
        axes.axis("off")
        for box in BOXES.values():
            draw_box(axes, *box)
        for first, last in ARROWS:
            start, end = ends(first, last)
            axes.annotate("", end, start, arrowprops=ARROW)
        axes.add_patch(Rectangle(FORMS[:2], *FORMS[2:], fill=False, edgecolor=RULE, linewidth=0.7))
        axes.text(FORMS[0] + 2, FORMS[1] + 3.8, "three forms, the same bits", **(CENTRED | {"ha": "left"}))
        axes.annotate("", BOUND[1], BOUND[0], arrowprops=ARROW)
        axes.text(66, 215, "The data's way", **HEAD)
        axes.text(190, 215, "A rule's way", **HEAD)
        for k, (colour, text) in enumerate(LEGEND):
            draw_box(axes, 152, 30 - 6 * k, 4, colour, "", "", tall=2)
            axes.text(160, 30 - 6 * k, text, **(CENTRED | {"ha": "left"}))
        fig.savefig(folder / "architecture.svg", metadata={"Date": None})
    return fig


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
