"""The command `habenula`. What a command needs is imported when it runs, so that help comes at once.

Begin with `commands`; `terminal` prints tables and progress, `describe` is what `habenula describe` says, `template`
what `habenula new` writes. `pages` renews the tables in docs/ (`make docs-tables`).
"""
