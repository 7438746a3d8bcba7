"""From a dose to receptors that are blocked; arrays and numbers only, nothing of ours is imported.

Begin with `drugs`, the constants of each drug; `kinetics` turns a dose into a concentration through time, `occupancy`
that and the habenula's activity into a block.
"""
