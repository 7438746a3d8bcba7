"""What is learned about a compound of cues is learned about each of its elements, and expected of their sum.

`elements` holds the numbers of the elements present, filled up with -1; the first is always one.
"""

from typing import Any


def expected(values: Any, elements: Any) -> Any:
    """The sum of the values of the elements present (Rescorla & Wagner 1972)."""
    total = values[elements[0]]
    for k in range(1, elements.size):
        if elements[k] >= 0:
            total += values[elements[k]]
    return total


def expected_of(weights: Any, elements: Any, action: int) -> Any:
    """The sum of an action's weights over the elements present; `weights` has a row for each element."""
    total = weights[elements[0], action]
    for k in range(1, elements.size):
        if elements[k] >= 0:
            total += weights[elements[k], action]
    return total


def learned(values: Any, elements: Any, change: Any) -> None:
    """Change the value of every element present by as much (Rescorla & Wagner 1972)."""
    for k in range(elements.size):
        if elements[k] >= 0:
            values[elements[k]] += change


def learned_of(weights: Any, elements: Any, action: int, change: Any) -> None:
    """Change an action's weight of every element present by as much."""
    for k in range(elements.size):
        if elements[k] >= 0:
            weights[elements[k], action] += change
