"""The classic designs of Pavlovian conditioning, written as the field writes them: "60 A+ | 60 AX+ BY+ | 5 X- Y-"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..contract import nearest

LETTERS = "ABCDXYZPQ"  # what the digits 1 to 9 of a stimulus stand for

SORT = re.compile(
    r"(?:(?P<before>[A-Z]+):)?(?P<first>[A-Z]*)(?:>(?P<second>[A-Z]+))?"
    r"(?P<outcome>[-+!])(?:(?P<percent>\d+(?:\.\d+)?)%)?(?:\*(?P<amount>\d+(?:\.\d+)?))?"
)
NOTATION = "a sort of trial is written as in A+, AX-, B>A-, P:A+50%, A+*0.5 or D!"

DESIGNS = {
    "acquisition": "200 A+ B+50% C+25%",
    "extinction": "200 A+ | 200 A-",
    "reacquisition": "200 A+ | 200 A- | 200 A+",
    "renewal": "200 P:A+ | 200 Q:A- | 5 P:A-",
    "reinstatement": "200 P:A+ | 200 P:A- | 20 P:+ | 5 P:A-",
    "blocking": "100 A+ | 100 AX+ BY+ | 5 X- Y-",
    "conditioned_inhibition": "100 A+ | 100 A+ AX- Y- | 5 X- Y-",
    "overexpectation": "150 A+ B+ X+ | 150 AX+ B+ | 5 A- B- X-",
    "second_order": "100 A+ | 100 A+ B>A- C- | 5 B- C-",
    "magnitude_change": "200 A+*0.5 B+ | 100 A+ B+*0.5",
    "fear": "200 D! X!50% Y- | 200 D- X- Y-",
    "safety_signal": "100 D! | 100 D! DX- Y- | 5 X- Y-",
    "matsumoto2009": "20 P:A+ P:B+50% P:C- | 20 Q:D! Q:X!50% Q:Y-",
}
SIGNALLED = {"interval_s": 1.0, "interval_spread": 0.0}  # a trial opens with a signal, the context
PARAMETERS: dict[str, dict[str, Any]] = {"matsumoto2009": SIGNALLED}


@dataclass(frozen=True)
class Sort:
    """A sort of trial; stimuli by their numbers, 0 for none."""

    before: int
    first: int
    second: int
    reward: float
    amount: float
    punishment: float


def stimulus(name: int | str) -> tuple[int, str]:
    """A stimulus by its number or its letters: (15, "AX") is A together with X. Raises ValueError where it is none."""
    digits = sorted(str(LETTERS.index(c) + 1) for c in name) if isinstance(name, str) else list(str(name))
    if not digits or "0" in digits or digits != sorted(set(digits)):
        raise ValueError(f"{name} is no stimulus; its digits must rise and be of 1 to 9, as in 15 for A with X")
    return int("".join(digits)), "".join(LETTERS[int(d) - 1] for d in digits)


def written(schedule: str) -> dict[str, Any]:
    """The parameters of PavlovianConditioning that a schedule stands for: a notation, or the name of a design.

    Phases stand between bars: how often each sort of trial comes, and the sorts, which take turns. A+ reward after A,
    A- nothing, D! air-puff, A+50% half of the time, A+*0.5 half as much; AX- A with X, B>A- first B then A; P:A+ A in
    the context P, which is there before, too; + reward without a cue. Letters: A B C D X Y Z, P Q.

    Raises ValueError naming what cannot be read.
    """
    if schedule.replace("_", "").isalnum() and not schedule[:1].isdigit() and schedule not in DESIGNS:
        raise ValueError(f"there is no design '{schedule}'{nearest(schedule, DESIGNS)}")
    sorts: list[Sort] = []
    order: list[float] = []
    for phase in DESIGNS.get(schedule, schedule).split("|"):
        times, kinds = _phase(phase)
        sorts += [kind for kind in dict.fromkeys(kinds) if kind not in sorts]
        order += [1.0 + sorts.index(kind) for kind in kinds] * times
    stimuli = sorted({number for s in sorts for number in (s.before, s.first, s.second)} - {0})
    return {
        "stimuli": stimuli or [1],
        "order": order,
        "first": [s.first for s in sorts],
        "second": [s.second for s in sorts],
        "before": [s.before for s in sorts],
        "reward": [s.reward for s in sorts],
        "amount": [s.amount for s in sorts],
        "punishment": [s.punishment for s in sorts],
        "shares": [1] * len(sorts),
    } | PARAMETERS.get(schedule, {})


def _phase(text: str) -> tuple[int, list[Sort]]:
    words = text.split()
    if len(words) < 2 or not words[0].isdigit() or int(words[0]) < 1:
        raise ValueError(f"'{text.strip()}' is no phase; it is written as in 60 AX+ BY+")
    return int(words[0]), [_sort(word) for word in words[1:]]


def _sort(word: str) -> Sort:
    read = SORT.fullmatch(word)
    unknown = [c for c in word if c.isalpha() and c not in LETTERS]
    if read is None or unknown:
        why = f"there is no cue '{unknown[0]}', only {LETTERS}" if unknown else NOTATION
        raise ValueError(f"'{word}' cannot be read: {why}")
    context = read["before"] or ""
    first, second = (_number(cues + context) if cues else 0 for cues in (read["first"], read["second"]))
    chance = float(read["percent"] or 100) / 100.0 * (read["outcome"] != "-")
    reward, punishment = (chance, 0.0) if read["outcome"] != "!" else (0.0, chance)
    return Sort(_number(context), first, second, reward, float(read["amount"] or 1), punishment)


def _number(cues: str) -> int:
    return stimulus(cues)[0] if cues else 0
