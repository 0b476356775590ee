"""The options of `cockpit init`."""

from argparse import Namespace
from pathlib import Path

from cockpit.cli.parser import About, Commands, Parser, number

_KINDS = ("session", "flagd", "unleash", "launchdarkly", "command")


def add_init(commands: Commands) -> None:
    """Add the command."""
    text = "look at your service, then write plan.toml and cockpit.toml for it"
    more = "It asks you, unless an option names a source."
    example = "cockpit init checkout --metrics http://127.0.0.1:8000/metrics --flag-kind session"
    command = commands.command("init", About(text, more, example), _run)
    option = command.add_argument
    option("name", nargs="?", metavar="NAME", help="name of the service (default: the name of this folder)")
    option(
        "--metrics",
        action="append",
        default=[],
        metavar="URL",
        help="address of a /metrics page; repeat it for each instance",
    )
    option("--prometheus", metavar="URL", help="address of a Prometheus, instead of --metrics")
    bearer = "environment variable with the bearer token for --metrics, --prometheus and --alertmanager"
    option("--token", default="", metavar="VARIABLE", help=bearer)
    option("--mongo", metavar="VARIABLE", help="environment variable with the address of a MongoDB, or none")
    option("--database", default="", metavar="D", help="its database, if the address names none")
    option("--alertmanager", metavar="URL", help="address of an Alertmanager, or none")
    endpoint = 'endpoint to judge, such as "GET /looks"; repeat it (default: the 12 busiest)'
    option("--endpoint", action="append", default=[], metavar="NAME", help=endpoint)
    option(
        "--collection", action="append", default=[], metavar="NAME", help="collection that the feature fills; repeat it"
    )
    option(
        "--p95", type=number(float, 1, 1_000_000), metavar="MS", help="bound of the p95 in milliseconds (default: 500)"
    )
    option("--yes", action="store_true", help="accept everything that is found, and ask nothing")
    _flag_options(command)


def _flag_options(command: Parser) -> None:
    option = command.add_argument
    option(
        "--flag-kind", choices=_KINDS, metavar="KIND", help=f"flag service: {', '.join(_KINDS)}; session moves no flag"
    )
    option("--flag-key", default="", metavar="NAME", help="name of the flag in the flag service")
    option(
        "--flag-url",
        default="",
        metavar="URL",
        help="address of Unleash, LaunchDarkly, or flagd's OFREP",
    )
    option("--flag-file", type=Path, metavar="F", help="file that flagd serves")
    flags_own = "environment variable with its token (default: UNLEASH_TOKEN or LAUNCHDARKLY_TOKEN)"
    option("--flag-token", default="", metavar="VARIABLE", help=flags_own)
    option("--flag-environment", default="", metavar="E", help="environment of the flag (default: production)")
    option("--flag-project", default="default", metavar="P", help="project of the flag (default: default)")
    option(
        "--flag-read", default="", metavar="PROGRAM", help="for command: program that prints the percentage of the flag"
    )
    option(
        "--flag-write", default="", metavar="PROGRAM", help="for command: program that sets it; {percent} is replaced"
    )


def _run(a: Namespace) -> int:
    from cockpit.cli.setup.init import init
    from cockpit.setup.outcome import Wanted

    wanted = Wanted(
        name=a.name,
        metrics=tuple(a.metrics),
        prometheus=a.prometheus,
        token=a.token,
        mongo=a.mongo,
        database=a.database,
        flag_kind=a.flag_kind,
        flag_url=a.flag_url,
        flag_file=a.flag_file,
        flag_key=a.flag_key,
        flag_token=a.flag_token,
        flag_environment=a.flag_environment,
        flag_project=a.flag_project,
        flag_read=a.flag_read,
        flag_write=a.flag_write,
        alertmanager=a.alertmanager,
        endpoints=tuple(a.endpoint),
        collections=tuple(a.collection),
        p95_ms=a.p95,
    )
    return init(wanted, take_all=a.yes)
