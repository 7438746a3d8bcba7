"""Small simulated data sets in the formats that people have: to try a fit on, and to see what a file looks like."""

from __future__ import annotations

from pathlib import Path

from ..contract import nearest

FOLDER = Path(__file__).parent / "example_data"
EXAMPLES = {  # made by docs/examples/example_data.py: name -> (file or folder, what it is)
    "reversal_hbayesdm": ("reversal_hbayesdm.txt", "20 people in a reversal task, in hBayesDM's columns"),
    "reversal_scores": (
        "reversal_scores.csv",
        "40 people in a reversal task, with columns of its own and a symptom score",
    ),
    "reversal_sessions": ("reversal_sessions", "12 people, once with placebo and once with drug, as a BIDS data set"),
}


def example_data(name: str) -> Path:
    """The file, or folder, of an example data set that comes with the package: give it to `load_choices`.

    All are simulated, by docs/examples/example_data.py, which says with which numbers. "reversal_hbayesdm" is a text
    file with subjID, choice and outcome; "reversal_scores" a CSV with columns of its own (participant, key, points, ms,
    anhedonia); "reversal_sessions" a BIDS data set of _events.tsv files with a JSON sidecar, sessions placebo and drug.
    ValueError names the nearest for another name.
    """
    if name not in EXAMPLES:
        raise ValueError(f"there is no example '{name}'{nearest(str(name), EXAMPLES)}; there are {', '.join(EXAMPLES)}")
    return FOLDER / EXAMPLES[name][0]
