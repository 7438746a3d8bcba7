"""What the calibrated set says of what was not searched for: the rows of the claims that are predictions.

python -m calibration.predictions [--n 400] [--seed 1]

They are computed where the claims are, in experiments/.
"""

from __future__ import annotations

import argparse

from habenula_rl import findings


def main() -> None:
    """A line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=400, help="subjects a group")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    verdicts = findings.check(None, chosen.n, chosen.seed)
    predictions = [verdict for verdict in verdicts if verdict.origin == "prediction"]
    for row in predictions:
        print(f"| {row.id} | {row.claim} | {row.value:.3g} | {row.expected} | {row.verdict} |", flush=True)
    print(f"\n{findings.counted(predictions)}")


if __name__ == "__main__":
    main()
