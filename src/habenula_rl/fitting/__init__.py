"""Recorded choices: how probable they are under an agent's own rules, and what follows for its parameters.

Begin with `likelihood`. `loading` makes a table of what people keep (`saving` writes it, `examples` has some),
`choice_data` reads it, `coding` says what its codes mean; `estimates` fits, in the steps of `prepared` (`ranges` the
line and the priors, `search` and `optimise` the search, `importance` what a normal leaves out, `design`, `within` and
`population` the people together, `result` what comes back, `kept` what is on a disk); `signals` traces single trials;
`recovery` asks what can be known, `comparison` which model, `predictive` what the fitted people would do, `sampling`
their whole posterior.
"""
