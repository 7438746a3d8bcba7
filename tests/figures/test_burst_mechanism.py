"""The figure of the burst mechanism shows what its tables hold."""

import numpy as np
import pandas as pd

from habenula_rl.figures.burst_mechanism import COLOURS, burst_mechanism


def test_every_kind_and_every_point_is_drawn():
    time = np.linspace(0.0, 1.0, 11)
    traces = pd.concat([pd.DataFrame({"kind": k, "time_s": time, "potential_mv": -60.0 + time}) for k in COLOURS])
    values = {"kir41": [0.5, 1.0, 4.0], "nmda": [0.0, 1.0], "t_type": [0.0, 0.5, 1.0]}
    rows = [
        {"parameter": name, "value": v, "silent": 0.25, "tonic": 0.5, "bursting": 0.25}
        for name, these in values.items() for v in these
    ]  # fmt: skip
    figure = burst_mechanism(traces, pd.DataFrame(rows))
    above, *below = figure.axes
    assert [line.get_color() for line in above.lines[:3]] == list(COLOURS.values())
    for axes, these in zip(below, values.values(), strict=True):
        assert [line.get_label() for line in axes.lines] == list(COLOURS)
        assert axes.lines[1].get_xdata().tolist() == these
        assert set(axes.lines[1].get_ydata()) == {50.0}
