"""Only the command that is asked for is made; it reads, helps and refuses as if all of them were there."""

from argparse import HelpFormatter

import pytest

from cockpit.cli import main
from cockpit.cli.main import asked
from cockpit.cli.parser import Commands, Parser
from cockpit.runtime.errors import BadInputError

EVERY = tuple(
    name for listed in (main._first, main._acts, main._further) for names in listed().values() for name in names
)
LINES = (
    [],
    ["--help"],
    ["--json"],
    ["x", "y"],
    ["tick", "a", "b", "c"],
    ["--reson", "x"],
    ["--config", "f", "x"],
)
"""What may stand behind a command: right for some, wrong for others."""


def said(words, capsys):
    """Return what becomes of a command line: what is read, the help, or the refusal."""
    try:
        found = vars(asked(words)).items()
        return {key: value for key, value in found if key not in ("run", "parser")}
    except SystemExit as ended:
        return ended.code, capsys.readouterr().out
    except BadInputError as refusal:
        return str(refusal)


def made(monkeypatch, words):
    """Return the names of the commands whose parsers were made for a command line."""
    names = []
    plain = Commands.command, Commands.group
    for way, known in zip(("command", "group"), plain, strict=True):

        def adding(commands, name, *facts, known=known, **more):
            names.append(name)
            return known(commands, name, *facts, **more)

        monkeypatch.setattr(Commands, way, adding)
    with pytest.raises((SystemExit, BadInputError)):
        asked([*words, "--help"])
    return names


@pytest.mark.parametrize("name", EVERY)
def test_one_command_alone_reads_and_refuses_as_among_all(name, capsys, monkeypatch):
    alone = [said([name, *rest], capsys) for rest in LINES]
    monkeypatch.setattr(main, "_add_named", lambda commands, _name: main._add_every(commands))
    assert alone == [said([name, *rest], capsys) for rest in LINES]


def test_each_name_stands_where_its_command_is_made():
    for listed in (main._first(), main._acts(), main._further()):
        for add, names in listed.items():
            parser = Parser("cockpit")
            choices = parser.add_subparsers()
            add(Commands(choices))
            assert tuple(choices.choices) == names


@pytest.mark.parametrize("name", ["check", "open", "adopt", "keys"])
def test_a_command_is_made_alone(monkeypatch, name):
    assert made(monkeypatch, [name]) == [name]


@pytest.mark.parametrize("name", ["", "chekc", "--help"])
def test_where_no_command_is_named_all_are_made(monkeypatch, name):
    assert set(EVERY) <= set(made(monkeypatch, [name]))


def test_only_help_that_is_printed_asks_how_wide_the_terminal_is(monkeypatch, capsys):
    widths = []
    plain = HelpFormatter.__init__

    def noted(self, prog, *facts, width=None, **more):
        widths.append(width)
        plain(self, prog, *facts, width=width, **more)

    monkeypatch.setattr(HelpFormatter, "__init__", noted)
    asked(["check"])
    assert widths
    assert None not in widths
    with pytest.raises(SystemExit):
        asked(["check", "--help"])
    assert None in widths
