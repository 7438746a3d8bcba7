"""How much is measured: in full, or quickly."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`total` subject-trials in a population run, `slow` in what is slow, `most` subjects, `repeats` rounds."""

    total: int
    slow: int
    most: int
    repeats: int
    processes: int
    subjects: tuple[int, ...] = (1, 100, 10_000)

    def trials(self, n: int) -> int:
        """Trials of each of `n` subjects, so that the work is the same."""
        return self.total // n


FULL = Scale(total=2_000_000, slow=20_000, most=1_000_000, repeats=7, processes=5)
SHARED = Scale(total=500_000, slow=5_000, most=100_000, repeats=3, processes=3)  # on a machine that others use, too
QUICK = Scale(total=50_000, slow=400, most=1_000, repeats=3, processes=1)
