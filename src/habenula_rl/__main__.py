"""`python -m habenula_rl` is the command `habenula`."""

import os
import sys

if sys.path[0] == os.getcwd():  # put there by -m: a numpy.py in the folder one stands in is not to be run
    del sys.path[0]

from .cli.commands import main

main()
