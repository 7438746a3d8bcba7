"""cpm-toolbox, a package with the same purpose, in an environment of its own (`.peers`, made when it is asked for)."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import habenula_rl as hrl
from habenula_rl.contract import Agent, parameter

from .checks import Disagreement
from .clock import CPU, ratio, spread, timed
from .opponent import Bandit
from .scale import Scale
from .tables import Table

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".peers"
PACKAGE = "cpm-toolbox[numba]"
CLOSE = 0.01  # both draw their own numbers: the fraction of the better arm agrees within sampling error


def start(p, w, reflex):
    w.Q[:] = 0.5


def prefer(p, w, e, z):
    for a in range(z.size):
        z[a] = p.beta * w.Q[a]


def learn(p, w, e, y):
    y.rpe = e.reward - w.Q[e.action]
    w.Q[e.action] += p.alpha * y.rpe


@dataclass(frozen=True)
class RescorlaWagner(Agent):
    """The peer's model, RLRW."""

    start, prefer, learn = start, prefer, learn
    signals = ("rpe",)
    alpha: float = parameter(0.3, doc="learning rate", low=0, high=1)
    beta: float = parameter(3.0, doc="choice consistency", low=0, high=100)

    @staticmethod
    def state(n_states, n_actions):
        return {"Q": (n_actions,)}


AGENT, TASK = RescorlaWagner(), Bandit()


def installed() -> Path | None:
    """The peer's Python, with cpm-toolbox; None, and one line that says why, where it cannot be installed."""
    python = FOLDER / "bin" / "python"
    if _works(python):
        return python
    venv.create(FOLDER, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install", PACKAGE]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode == 0 and _works(python):
        return python
    why = (done.stderr.strip().splitlines() or ["it was installed, but cannot be imported"])[-1]
    print(f"Peers: left out, {PACKAGE} could not be installed: {why}\n")
    return None


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", "import cpm"], capture_output=True, check=False).returncode == 0


def against_peers(scale: Scale) -> Iterator[Table]:
    """Population runs with all trials as a table, there and here."""
    python = installed()
    if python is None:
        return
    number = check(python)
    table = Table(
        f"Rescorla-Wagner on two arms, trials as a table, one thread: cpm-toolbox {number}",
        ["subjects × trials", "cpm-toolbox, thousand trials a second", "simulate, the same", "cpm seconds / ours"],
        ["cpm-toolbox: RLRW(generate=True) in a Simulator, run and export, warm; rewards drawn beforehand."],
    )
    for n in (1, 100):
        table.rows.append(_row(python, n, scale.total // 10 // n, min(scale.repeats, 5)))
    yield table


def check(python: Path) -> str:
    """Both take the better arm equally often; the peer's version."""
    ours = _simulate(200, 500).subjects.share_right.mean()
    answer = _peer(python, 200, 500)
    if answer["rows"] != 200 * 500 or not abs(answer["right"] - ours) < CLOSE:
        raise Disagreement(f"cpm-toolbox: {answer} where the package takes the better arm in {ours:.3f}")
    return answer["version"]


def _simulate(n: int, n_trials: int) -> hrl.Run:
    return hrl.simulate(AGENT, TASK, n_subjects=n, n_trials=n_trials, seed=3, threads=1)


def _row(python: Path, n: int, n_trials: int, repeats: int) -> list[str]:
    theirs, ours = [], []
    for _ in range(repeats):
        theirs.append(_peer(python, n, n_trials)["seconds"])
        ours.append(timed(lambda: lambda: _simulate(n, n_trials), CPU))
    speeds = [spread([n * n_trials / s / 1e3 for s in seconds]).show(".0f") for seconds in (theirs, ours)]
    return [f"{n:,} × {n_trials:,}", *speeds, ratio(theirs, ours).show(".3g")]


def _peer(python: Path, n: int, n_trials: int) -> dict:
    numbers = (n, n_trials, AGENT.alpha, AGENT.beta, TASK.left, TASK.right)
    command = [str(python), str(Path(__file__).with_name("peer_cpm.py")), *map(str, numbers)]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        sys.exit(f"benchmarks: cpm-toolbox failed: {done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])
