"""Speed against C, NumPy and peers, as ratios within a run: `python -m benchmarks` (docs/reference/performance.md)."""
