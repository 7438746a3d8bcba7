"""Pavlovian conditioning: cues, alone and together, that announce reward, punishment or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..contract import Task, parameter
from ..randomness import uniform
from .designs import LETTERS, stimulus, written
from .shuttle_box import ShuttleBox
from .sucrose_preference import SucrosePreference

INTERVAL, REWARD, NOTHING, PUFF = 0, 1, 2, 3
FIRST_STIMULUS = 4
NONE, LICK = 0, 1
ROUNDING = 1e-9


def begin(q: Any, x: Any, e: Any) -> None:
    """The interval before the cue: what sort of trial it will be, and when its cue comes, is settled here."""
    kind = drawn_kind(q, uniform(e, 0)) if e.scripted < 1.0 else int(e.scripted) - 1
    length = int(q.interval_s * (1.0 + q.interval_spread * (2.0 * uniform(e, 1) - 1.0)) + 0.5)
    x.kind = kind
    x.before, x.first, x.second = state_of(q, q.before[kind]), state_of(q, q.first[kind]), state_of(q, q.second[kind])
    x.cue_from = length if length > 1 else 1
    x.second_from = x.cue_from + (q.cue_s if x.first > 0.0 else 0.0)
    x.outcome_from = x.second_from + (q.cue_s if x.second > 0.0 else 0.0)
    e.state = int(x.before)


def step(q: Any, x: Any, e: Any) -> None:
    """One second. What comes does not depend on what the subject does."""
    kind, now = int(x.kind), e.step + 1
    if now < x.cue_from:
        e.next_state = int(x.before)
    elif now < x.second_from:
        e.next_state = int(x.first)
    elif now < x.outcome_from:
        e.next_state = int(x.second)
    elif now == x.outcome_from:
        e.next_state = outcome(q, kind, uniform(e, 2))
        e.reward = q.amount[kind] if e.next_state == REWARD else 0.0
    else:
        lasts = e.state == PUFF and now < x.outcome_from + q.puff_s
        e.next_state = PUFF if lasts else INTERVAL
        e.terminated = 0 if lasts else 1
    e.reward -= (q.effort if e.action == LICK else 0.0) + (q.cost * q.puff if e.next_state == PUFF else 0.0)


def drawn_kind(q: Any, u: float) -> int:
    """The sort of trial that the draw `u`, 0 to 1, picks by their shares."""
    point = 0.0
    for k in range(q.shares.size):
        point += u * q.shares[k]
    kind = 0
    for k in range(q.shares.size - 1):
        point -= q.shares[k]
        if point >= 0.0:
            kind = k + 1
    return kind


def state_of(q: Any, number: float) -> int:
    """The state of the stimulus with that number, or else the interval."""
    state = INTERVAL
    for k in range(q.stimuli.size):
        if q.stimuli[k] == number:
            state = FIRST_STIMULUS + k
    return state


def outcome(q: Any, kind: int, u: float) -> int:
    """The outcome that the draw `u`, 0 to 1, picks."""
    if u < q.reward[kind]:
        return REWARD
    return PUFF if u < q.reward[kind] + q.punishment[kind] else NOTHING


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.9g}" for number in numbers)


@dataclass(frozen=True)
class PavlovianConditioning(Task):
    """Pavlovian conditioning with any schedule of cues, compounds, rewards, punishments and omissions.

    Description: after an interval a cue comes on for `cue_s`, perhaps a second one after it, and then reward, an
        air-puff (or a shock) or nothing. `stimuli` are the cues and compounds that occur, written with a digit for
        each cue: 1 to 7 are A, B, C, D, X, Y, Z and 8, 9 the contexts P, Q, so that 15 is A together with X, and 18
        is A in P. A sort of trial is a place in the lists `first`, `second` and `before` (which stimulus comes first,
        comes after it, and is there in the interval, 0 for none), `reward`, `amount` and `punishment`. `order` says
        which sort comes on which trial, counted from 1, 0 for one drawn by `shares`. `schedule` says all of this in
        the field's notation. The interval is long and all of it the same state, so that
        it announces the cue only little: at a discount of g a second, n seconds come to be worth g/(n - (n - 1)g) of
        what the cue is worth, 0.23 by default. With an interval of 1 s its state is a signal that opens the trial,
        worth what its cues are worth on average, as where monkeys are shown a fixation point first. By default A, B
        and C bring reward in 100, 50 and 25 % of their trials, and D an air-puff.
    Schedule: a design by its name, or phases between bars as in "60 A+ | 60 AX+ BY+ | 5 X- Y-": how often each sort of
        trial comes, and the sorts, which take turns. A+ reward after A, A- nothing, D! air-puff, A+50% half of the
        time, A+*0.5 half as much; AX- A with X, B>A- first B then A; P:A+ A in the context P, which is there before,
        too; + reward without a cue. Letters: A B C D X Y Z, P Q. A subject goes through it in as many trials as
        `order` then has numbers. A parameter that is given besides, other than its default, replaces what the
        schedule says of it.
    Designs: acquisition, extinction, reacquisition, renewal, where a cue is followed by reward always, half, or a
        quarter of the time, no longer, again, in another context; reinstatement, by reward that no cue announces;
        blocking, A with X after A alone, against B with Y (Kamin 1969; Waelti et al. 2001, doi 10.1038/35083500);
        conditioned_inhibition, A alone is rewarded, with X it is not (Tobler et al. 2003, doi
        10.1523/JNEUROSCI.23-32-10402.2003); overexpectation, two cues that each announce a reward come together
        before one (Rescorla 1970); second_order, B is followed by A, which goes on being rewarded when alone;
        magnitude_change, a reward larger or smaller than announced; fear, safety_signal, an air-puff always, half of
        the time, never, its extinction, and X that announces none; matsumoto2009, a block with reward and one with
        air-puff, each with cues of 100, 50 and 0 %, whose trials open with a signal (`interval_s` 1, no spread). The
        list is that of Mollick 2020; numbers of trials are set, of the size of those in their code
        (github.com/emer/leabra, examples/pvlv): 50 to 400 in a phase.
    Action space: Discrete(2): 0 none, 1 lick, the conditioned response. A step lasts 1 s.
    Observation space: 0 interval, 1 reward, 2 nothing, 3 puff, then the `stimuli`, then those cues of compounds that
        never come alone. A compound is made of its cues (`elements`).
    Start: the interval, or the trial's context (`before`).
    Outcomes: `amount` with reward; -cost·puff for each second of air-puff, as it comes; -effort for a lick.
    End: terminated a second after reward or nothing came, or after `puff_s` of air-puff.
    Source: Rescorla & Wagner 1972; Fiorillo et al. 2003, doi 10.1126/science.1077349; Matsumoto & Hikosaka 2009,
        doi 10.1038/nn.2233; Mollick et al. 2020, doi 10.1037/rev0000199.
    Version history: v0.
    """

    begin = begin
    step = step
    memory = ("kind", "before", "first", "second", "cue_from", "second_from", "outcome_from")

    schedule: str = parameter(
        "", doc="a design's name, or a notation, in the place of the lists below", source="Mollick 2020"
    )
    stimuli: tuple[float, ...] = parameter(
        (1.0, 2.0, 3.0, 4.0),
        doc="the cues and compounds that occur, a digit for each cue",
        unit="digits",
        low=1,
        high=123456789,
        source="set",
    )
    first: tuple[float, ...] = parameter(
        (1.0, 2.0, 3.0, 4.0),
        doc="for each sort of trial the stimulus that comes, one of `stimuli`, 0 for none",
        unit="digits",
        low=0,
        high=123456789,
        source="set",
    )
    second: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0),
        doc="likewise the stimulus that follows the first",
        unit="digits",
        low=0,
        high=123456789,
        source="set",
    )
    before: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0),
        doc="likewise the stimulus, as a context, that is there in the interval",
        unit="digits",
        low=0,
        high=123456789,
        source="set",
    )
    reward: tuple[float, ...] = parameter(
        (1.0, 0.5, 0.25, 0.0),
        doc="likewise the probability of reward",
        unit="probability",
        low=0,
        high=1,
        source="Mollick 2020",
    )
    amount: tuple[float, ...] = parameter(
        (1.0, 1.0, 1.0, 1.0), doc="likewise what the reward is worth", unit="reward", low=-100, high=100, source="scale"
    )
    punishment: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 1.0),
        doc="likewise the probability of the air-puff",
        unit="probability",
        low=0,
        high=1,
        source="set",
    )
    shares: tuple[float, ...] = parameter(
        (1.0, 1.0, 1.0, 1.0),
        doc="how often a sort of trial is drawn, against the others",
        low=0,
        high=1000,
        source="set",
    )
    order: tuple[float, ...] = parameter(
        (0.0,),
        doc="the sort of each trial, from 1, then again from the first; 0 for one drawn by `shares`",
        unit="place",
        low=0,
        high=30,
        source="set",
        by_trial=True,
    )
    cue_s: int = parameter(
        1,
        doc="how long a cue is on; its offset is the outcome's onset",
        unit="s",
        low=1,
        high=60,
        source="set: a step; 2 in Fiorillo 2003",
    )
    interval_s: float = parameter(
        30.0, doc="mean interval before the cue", unit="s", low=1, high=600, source="set; 9 in Fiorillo 2003"
    )
    interval_spread: float = parameter(
        0.5,
        doc="how much shorter or longer an interval may be, drawn evenly",
        unit="fraction",
        low=0,
        high=1,
        source="set",
    )
    puff: float = parameter(1.0, doc="how much the air-puff hurts, 1 is full aversion", low=0, high=1, source="scale")
    puff_s: int = parameter(1, doc="how long it lasts", unit="s", low=1, high=60, source="set")
    cost: float = parameter(
        ShuttleBox.cost,
        doc="what a second of full aversion costs",
        unit="reward",
        low=0,
        high=100,
        source="set as in ShuttleBox",
    )
    effort: float = parameter(
        SucrosePreference.effort,
        doc="what a lick costs",
        unit="reward",
        low=0,
        high=100,
        source="set as in SucrosePreference",
    )

    def __post_init__(self) -> None:
        self._read_schedule()
        super().__post_init__()
        why = self._stimuli_refusal() or self._sorts_refusal()
        if why:
            raise ValueError(f"PavlovianConditioning: {why}")

    def _read_schedule(self) -> None:
        if not isinstance(self.schedule, str) or not self.schedule:
            return
        try:
            said = written(self.schedule)
        except ValueError as error:
            raise ValueError(f"PavlovianConditioning: schedule: {error}") from None
        for name, value in said.items():
            if getattr(self, name) == self.fields()[name].default:
                object.__setattr__(self, name, value)
        object.__setattr__(self, "schedule", "")

    def _stimuli_refusal(self) -> str | None:
        try:
            names = [stimulus(int(number))[1] for number in self.stimuli if number == int(number)]
        except ValueError as error:
            return f"stimuli: {error}"
        if len(set(names)) < len(self.stimuli):
            return f"stimuli must be different whole numbers, not {_listed(self.stimuli)}"
        return None

    def _sorts_refusal(self) -> str | None:
        n = len(self.first)
        for name in ("second", "before", "reward", "amount", "punishment", "shares"):
            has = len(getattr(self, name))
            if has != n:
                return f"{name} must have a number for each sort of trial, {n} as first has, not {has}"
        for name in ("first", "second", "before"):
            for number in getattr(self, name):
                if number not in (0.0, *self.stimuli):
                    return f"{name} has {number:.9g}, which is none of the stimuli {_listed(self.stimuli)}"
        for number in self.order:
            if number > n or number != int(number):
                return f"order must hold whole numbers from 0 to {n}, the sorts of trial, not {number:g}"
        if any(p + o > 1.0 + ROUNDING for p, o in zip(self.reward, self.punishment, strict=True)):
            return "reward and punishment of a sort of trial must not add up to more than 1"
        return None if any(self.shares) else "shares must not all be 0"

    @property
    def _shown(self) -> tuple[str, ...]:
        return tuple(stimulus(int(number))[1] for number in self.stimuli)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, in the order of their numbers: a stimulus has the letters of its cues."""
        hidden = sorted(set("".join(self._shown)) - set(self._shown), key=LETTERS.index)
        return ("interval", "reward", "nothing", "puff", *self._shown, *hidden)

    @property
    def elements(self) -> tuple[tuple[int, ...], ...]:
        """For each state its cues: for AX the numbers of the states A and X."""
        states = self.states
        made = {name: tuple(states.index(cue) for cue in name) for name in self._shown}
        return tuple(made.get(name, (number,)) for number, name in enumerate(states))

    @property
    def actions(self) -> tuple[str, ...]:
        return ("none", "lick")

    @property
    def passive(self) -> int:
        return NONE

    @property
    def aversive(self) -> tuple[float, ...]:
        return tuple(self.puff if name == "puff" else 0.0 for name in self.states)

    @property
    def max_steps(self) -> int:
        cues = self.cue_s * (2 if any(self.second) else 1)
        return int(self.interval_s * (1.0 + self.interval_spread) + 0.5) + cues + self.puff_s

    @property
    def step_s(self) -> float:
        return 1.0
