"""What a study's file makes of readouts."""

import pandas as pd
import pytest

from habenula_rl.analysis import summary


def test_fractions_become_per_cent_under_the_names_that_are_asked_for():
    readout = pd.DataFrame(
        {"group": ["mice"], "phase": ["test"], "subject": [3], "trials": [8], "failed": [0.25], "drinks": [0.5]}
    )
    found = summary.percent(readout, "drinks", failures="failed")
    assert [*found] == ["group", "phase", "subject", "drinks", "failures"]
    assert found.iloc[0, 2:].tolist() == [3, 50.0, 25.0] and readout["failed"].item() == 0.25
    with pytest.raises(KeyError, match="share"):
        summary.percent(readout, "share")
