"""A Python rule becomes a compiled function. Nothing here knows an agent or a task; of ours only `errors` is imported.

Begin with `module`, which puts a rule and all that it reaches into one module and compiles it. `reach` finds what a
rule reaches, `source` is the text of a function, `checks` follows what a rule reads and writes, `dependencies` makes
the keys by which what was compiled is found again, `cache` keeps it, and `plain` runs the same rules without.
`portable_math` has the exp and log that give equal bits everywhere, `complex_step` the rules for gradients;
`numba_patches` and `numba_errors` are all that touches Numba's inner parts. `lanes` compiles the same rule for 16
subjects at once.
"""
