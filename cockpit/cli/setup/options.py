"""The words of `cockpit init`."""

from argparse import Namespace
from pathlib import Path

from cockpit.cli.parser import Commands, number

_KINDS = ("session", "flagd", "unleash", "launchdarkly", "command")


def add_init(commands: Commands) -> None:
    """Add the command."""
    text = "write a plan and settings for your service from what is found of it; without options it asks you"
    command = commands.command("init", text, _run)
    option = command.add_argument
    option("name", nargs="?", metavar="NAME", help="what the service is called; without it, the folder's name")
    option("--metrics", action="append", default=[], metavar="URL", help="a /metrics page; repeat for more instances")
    option("--prometheus", metavar="URL", help="a Prometheus instead of pages")
    option(
        "--token", default="", metavar="VARIABLE", help="variable with the bearer token of those, and of --alertmanager"
    )
    option("--mongo", metavar="VARIABLE", help="variable with the address of a MongoDB, or none")
    option("--database", default="", metavar="D", help="its database, where the address names none")
    option("--flag-kind", choices=_KINDS, metavar="KIND", help=f"where the flag lives: {', '.join(_KINDS)}")
    option("--flag-key", default="", metavar="NAME", help="what the flag is called there")
    option(
        "--flag-url",
        default="",
        metavar="URL",
        help="where Unleash or LaunchDarkly is; of flagd, where it serves OFREP",
    )
    option("--flag-file", type=Path, metavar="F", help="the file that flagd serves")
    option("--flag-token", default="", metavar="VARIABLE", help="variable with its token; UNLEASH_TOKEN without it")
    option("--flag-environment", default="", metavar="E", help="its environment; production without it")
    option("--flag-project", default="default", metavar="P", help="its project; default without it")
    option("--flag-read", default="", metavar="PROGRAM", help="of a command: prints the share")
    option("--flag-write", default="", metavar="PROGRAM", help="of a command: sets it, with {percent}")
    option("--alertmanager", metavar="URL", help="an Alertmanager, or none")
    option("--endpoint", action="append", default=[], metavar="NAME", help='judge this one, as "GET /looks"; repeat it')
    option("--collection", action="append", default=[], metavar="NAME", help="one that the feature fills; repeat it")
    option("--p95", type=number(float, 1, 1_000_000), metavar="MS", help="bound of the p95; 500 without it")
    option("--yes", action="store_true", help="take what is found and ask nothing, as with any source named")


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
