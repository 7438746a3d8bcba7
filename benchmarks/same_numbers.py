"""Whether two versions of the package give the same numbers, byte for byte.

python -m benchmarks.same_numbers OLD NEW      where OLD and NEW are checkouts of the repository

Each version runs in a process of its own: the studies wu2021 and seligman1967 as `habenula run` writes them, every
agent in lanes and alone, every task in lanes, in plain Python and step by step in its environment, and a likelihood.
It prints a line for each and ends with 1 where one differs.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STUDIES = {"wu2021": [], "seligman1967": ["--subjects", "24"]}
SEED = 20260928


def digests() -> Iterator[tuple[str, str]]:
    """What was run, and the hash of its tables, for the version that is imported here."""
    import habenula_rl as hrl
    from habenula_rl.agents import AGENTS
    from habenula_rl.tasks import TASKS

    for study, options in STUDIES.items():
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-m", "habenula_rl", "run", study, "--seed", "7", "--out", out, *options]
            subprocess.run(command, check=True, capture_output=True)
            for path in sorted(Path(out).rglob("*")):
                if path.suffix in (".parquet", ".csv"):
                    yield f"{study}: {path.relative_to(out)}", hashlib.sha256(path.read_bytes()).hexdigest()
    for name, agent in AGENTS.items():
        for n in (1, 40):
            run = hrl.simulate(agent(), hrl.tasks.ShuttleBox(), n_subjects=n, n_trials=6, seed=SEED, compiled=True)
            yield f"{name}, {n} at once", of(run)
    for name, task in TASKS.items():
        for compiled in (True, False):
            run = hrl.simulate(hrl.HabenulaAgent(), task(), n_subjects=5, n_trials=4, seed=SEED, compiled=compiled)
            yield f"{name}, {'compiled' if compiled else 'plain Python'}", of(run)
        yield f"{name}, step by step", stepped(hrl, task())
    choices = hrl.simulate(hrl.agents.DualRate(), hrl.tasks.Bandit(), n_subjects=20, n_trials=60, seed=SEED)
    likelihood = hrl.Likelihood(hrl.agents.DualRate(), choices.trials, task=hrl.tasks.Bandit())
    yield "likelihood", repr(likelihood.value({}).tolist())


def of(run: Any) -> str:
    """A hash of all columns of a run's tables."""
    import numpy as np

    text = hashlib.sha256()
    for table in (run.trials, run.subjects):
        for column in table:
            values = table[column].to_numpy()
            text.update(f"{column} {values.dtype}".encode())
            text.update(
                repr(values.tolist()).encode() if values.dtype == object else np.ascontiguousarray(values).tobytes()
            )
    return text.hexdigest()


def stepped(hrl: Any, task: Any) -> str:
    """A hash of what one agent sees, does and shows in the task's environment."""
    import gymnasium

    env = gymnasium.make(f"habenula_rl/{type(task).__name__}-v0")
    live = hrl.LiveAgent(hrl.HabenulaAgent(), env.observation_space, env.action_space, seed=SEED)
    seen: list[Any] = []
    for trial in range(4):
        obs, _ = env.reset(seed=SEED) if trial == 0 else env.reset()
        over = False
        while not over:
            action = live.act(obs)
            after, reward, terminated, truncated, info = env.step(action)
            if info["feedback"]:
                live.learn(obs, action, reward, after, terminated)
            seen.append((int(obs), int(action), float(reward), bool(terminated), bool(truncated), live.signals))
            obs, over = after, terminated or truncated
    env.close()
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def digests_of(checkout: Path) -> dict[str, str]:
    """The hashes of the version in that checkout."""
    environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, __file__, "--digests"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{checkout}:\n{done.stderr}")
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(old: Path, new: Path) -> int:
    """Compare what both have; 1 where one differs."""
    before, after = digests_of(old), digests_of(new)
    common = [name for name in before if name in after]
    different = [name for name in common if before[name] != after[name]]
    for name in common:
        print(f"{'DIFFERENT' if name in different else 'same'}  {name}")
    alone = sorted(before.keys() ^ after.keys())
    print(f"{len(common)} compared, {len(different)} different; in one version only: {', '.join(alone) or 'none'}")
    return int(bool(different))


if __name__ == "__main__":
    if sys.argv[1:] == ["--digests"]:
        print(json.dumps(dict(digests())))
    else:
        sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:3])))
