"""Speed against C, NumPy and peers, as ratios within one run: `python -m benchmarks`. See docs/performance.md."""
