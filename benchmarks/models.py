"""The two models that are measured, and what runs them: the package's kernel, and C."""

from dataclasses import dataclass

import habenula_rl as hrl
from habenula_rl.engine.phase import Phase
from habenula_rl.engine.population import Subjects

from .c_models import SCALAR, CModel
from .opponent import Bandit, Opponent

SEED = 3


@dataclass(frozen=True)
class Model:
    """An agent in a task, the C file that holds both, and the versions of it."""

    name: str
    agent: object
    task: object
    versions: tuple[str, ...]

    def subjects(self, n: int) -> Subjects:
        """Naive subjects for one run."""
        return Subjects(self.agent, {"task": self.task}, n=n, seed=SEED)

    def kernel(self, subjects: Subjects, n_trials: int, rows: bool) -> Phase:
        """The engine's population run, on one thread."""
        return subjects.run(self.task, n_trials, context="task", rows=rows, compiled=True)

    def simulate(self, n: int, n_trials: int, record: str, threads: int) -> hrl.Run:
        """The same with its tables."""
        options = {"seed": SEED, "record": record, "threads": threads}
        return hrl.simulate(self.agent, self.task, n_subjects=n, n_trials=n_trials, **options)

    def in_c(self, version: str) -> CModel:
        return CModel(self.name, version, self.agent, self.task)


MODELS = (
    Model("opponent", Opponent(), Bandit(), (*SCALAR, "lanes")),
    Model("habenula", hrl.HabenulaAgent(), hrl.tasks.SucrosePreference(), SCALAR),
)
