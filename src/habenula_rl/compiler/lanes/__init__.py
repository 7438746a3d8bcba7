"""A rule written for one subject, compiled for 16 at once.

Begin with `tracer`, which follows a rule with symbols for numbers into the instructions of `ir`; `vectorise` makes them
LLVM's vector instructions (`llvm`), and `lane_kernel` is the loop that they stand in.
"""
