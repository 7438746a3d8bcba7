"""`python -m habenula_rl` is the command `habenula`."""

from .cli import main

main()
