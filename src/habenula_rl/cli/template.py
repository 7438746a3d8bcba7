"""What `habenula new NAME` writes: a config and an experiment that run as they are."""

from __future__ import annotations

from pathlib import Path

from ..config.bundled import bundled
from ..config.schema import SCHEMA_FILE, schema_text
from ..config.study import study_name
from ..config.yaml_source import scalar
from ..experiment.store import write_bytes

CONFIG = """\
# yaml-language-server: $schema={schema}
# What this study asks, and the paper that it follows. Numbers only, each with its reason or its source.
study: {written}
description: does shock without control make a naive animal fail to escape later?   # the line in `habenula list`
seed: 1                                  # the same seed gives the same tables
subjects: same                           # subject 3 is one animal in all groups; or independent: other animals in each
record: trials                           # or summary (a row for each subject and phase), or signals, as in [rpe, lhb]
groups:
  naive:
    n: 8                                 # subjects; habenula run {name} --subjects 1000 takes another number
    agent: HabenulaAgent
    parameters:                          # of the agent: a number, or normal, uniform, lognormal with a draw a subject
      hyperactivity: {{normal: {{mean: 0.0, sd: 0.3}}}}
  stressed:
    n: 8
    agent: HabenulaAgent
    parameters:
      hyperactivity: {{normal: {{mean: 0.0, sd: 0.3}}}}
    # yoked_to: naive                    # each gets what the same number in that group got, where a phase replays it
    # interventions: [ketamine: {{dose: 10 mg/kg, hours_before: 1}}]   # given before the group's first phase
phases:
  - name: stress
    groups: [stressed]                   # without this line: all groups
    task: ShuttleBox
    parameters: {{escapable: false, durations_s: [5]}}
    trials: 60
    context: box                         # what is learned stays with the context; without this line: the phase's name
  - name: test
    gap_hours: 24                        # since the phase before
    task: ShuttleBox
    parameters: {{escapable: true, max_shock_s: 10}}
    trials: 20
    context: box
    # interventions: [ketamine: {{dose: 10 mg/kg, hours_before: 1}}]   # in force from this phase on
"""

EXPERIMENT = '''\
"""{name}: what the study asks, and how its trials become a table and a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habenula_rl import readouts, summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

QUESTION = "Does shock without control make a naive animal fail to escape later?"
PREDICTION = "The stressed animals fail more often than the naive ones."

PHASE = "test"  # as the config calls it


def summarise(trials: pd.DataFrame) -> pd.DataFrame:
    """Fraction of failures in the test, for each subject and as group means with 95 % intervals.

    `trials` has one row a step (1 s); a failure is a trial that never terminates.
    """
    test = readouts.in_phases(trials, [PHASE])  # refuses a phase that the trials do not have
    escaped = test.groupby(["group", "subject", "trial"], observed=True)["terminated"].any()
    failures = 1.0 - escaped.groupby(["group", "subject"], observed=True).mean()
    subjects = summary.subject_rows(
        failures.rename("failures").reset_index().assign(phase=PHASE), ["failures"], within={{"failures": (0, 1)}}
    )
    return summary.tidy(summary.group_rows(subjects), subjects)


def figure(table: pd.DataFrame) -> Figure:
    """Subjects as points, group means with intervals. Reads the table only."""
    import matplotlib.pyplot as plt

    means, subjects = table[table["level"] == "group"], table[table["level"] == "subject"]
    place = {{group: x for x, group in enumerate(means["group"])}}
    drawn, axes = plt.subplots(figsize=(max(3.5, 0.3 * len(place)), 3.0), layout="constrained")
    axes.scatter([place[group] for group in subjects["group"]], subjects["value"], s=14, color="0.7")
    error = [means["value"] - means["low"], means["high"] - means["value"]]
    axes.errorbar(list(place.values()), means["value"], yerr=error, fmt="o", color="black", capsize=3)
    axes.set_xticks(list(place.values()), list(place), rotation=90 if len(place) > 4 else 0)
    axes.set(xlim=(-0.5, len(place) - 0.5), ylim=(-0.05, 1.05), ylabel="fraction of failures")
    return drawn
'''


def write_new(name: str) -> list[Path]:
    """Write configs/<name>.yaml and experiments/<name>.py here, and the configs' schema where there is none yet.

    Raises ValueError for a bad name, the name of a study of the package, and where one of the first two is there.
    """
    config, experiment = Path("configs") / f"{study_name(name)}.yaml", Path("experiments") / f"{name}.py"
    if (bundled("configs") / config.name).exists():
        raise ValueError(f"the package has a study {name} of its own, which this one would hide; choose another name")
    for path in (config, experiment):
        if path.exists():
            raise ValueError(f"{path} is there already; choose another name")
    schema = config.with_name(SCHEMA_FILE)
    # as YAML text: 2021 and true are in quotes, or they would be a number and a boolean
    written = name if name[0].isalpha() and isinstance(scalar(name), str) else f"'{name}'"
    files = {config: CONFIG.format(name=name, written=written, schema=SCHEMA_FILE)}
    files |= {experiment: EXPERIMENT.format(name=name)}
    files |= {} if schema.exists() else {schema: schema_text()}
    for path, text in files.items():
        write_bytes(path, text.encode())
    return [*files]


SLURM = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=1-8                # so many shards; the N of i/N below follows
#SBATCH --cpus-per-task=4          # threads: habenula uses the cores that it is given
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue                  # a shard that was stopped goes on where it was

srun habenula run {name} --no-figure --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"

# when all have ended, as by sbatch --dependency=afterok:JOB --wrap="habenula merge {name}":
#   habenula merge {name}
"""


def slurm_script(name: str) -> str:
    """A job array that runs a study in shards. Raises ValueError for a name that no study can have."""
    return SLURM.format(name=study_name(name))
