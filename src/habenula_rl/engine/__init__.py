"""Runs: populations of subjects through phases, and agents that step by themselves. It knows the contract, no agent.

Begin with `population` (`simulate`, `Subjects`) and `kernel`, the loop written once. `layout` has the types and sizes
of a run; `phase` says what a program takes and gives, `binding` chooses one, `record_program` and `lane_program` are
two of the three (the third is in `environments`). `tables` and `streaming` make tables of what they record; `live` is
the agent that acts and learns step by step.
"""
