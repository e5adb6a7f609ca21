"""The command line, called as a user would, for tests."""

from typer.testing import CliRunner

from bridge.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments):
    """The one line on standard error with which a command refuses."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("porism: ")]
    assert "Traceback" not in result.output + result.stderr
    return line
