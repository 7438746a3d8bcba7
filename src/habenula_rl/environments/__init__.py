"""A task as an environment of Gymnasium, an environment of Gymnasium as a task, and what stands between the two.

Begin with `task_environment` (a task, step by step) and `gymnasium_task` (any environment, in simulations and configs,
run by `episodes`). `binning` makes Box observations countable, `rendering` and `picture` draw, `registration` and
`import_hook` make the tasks known to Gymnasium.
"""
