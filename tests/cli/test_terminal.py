"""What the command line shows while it works."""

import sys

from habenula_rl.cli import terminal


def test_the_bar_shows_progress_and_lines(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress_of("small") as progress:
        progress(1, 4, "")
        progress(0, 0, "something [bold]worth telling")
        progress(4, 4, "")
    err = capsys.readouterr().err
    assert "something [bold]worth telling" in err
    assert "4/4" in err


def test_lines_come_at_each_tenth(capsys):
    progress = terminal.lines_of("small")
    for done in range(101):
        progress(done, 100, "")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"small: {10 * k} of 100 subjects" for k in range(11)]
