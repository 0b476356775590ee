"""The house in figures: files per folder, functions, loose modules, circles. Ends with 1 where a rule is broken.

usage: python tests/house.py
"""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("cockpit", "widgets", "themes", "sessions")
OURS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES, LONGEST, MEDIAN, MOST_FILES = 400, 40, 10, 12
BENCH = "tests/bench"
"""One benchmark a file, all of them run by one command: the only folder that may hold more."""


def name(path: Path) -> str:
    """Return a path as it is written here."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return a module, parsed."""
    return ast.parse(path.read_text("utf-8"))


def folders(paths: Iterable[Path]) -> Counter[str]:
    """Return how many modules each folder holds; `__init__.py` is none."""
    return Counter(name(path.parent) for path in paths if path.name != "__init__.py")


def functions(paths: Iterable[Path] = OURS) -> Iterator[tuple[str, str, int]]:
    """Return every function: its file, its name, its lines."""
    for path in paths:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name(path), node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def loose() -> list[str]:
    """Return the modules that stand beside packages, where nobody would look for them."""
    tops = {ROOT / package for package in PACKAGES if any(path.is_dir() for path in (ROOT / package).glob("[!_]*"))}
    beside = [path for path in OURS if path.parent in tops and path.name not in {"__init__.py", "__main__.py"}]
    return [name(path) for path in beside]


def crowded() -> dict[str, int]:
    """Return the folders that hold too many files."""
    held = folders([*OURS, *TESTS])
    return {folder: count for folder, count in held.items() if count > MOST_FILES and folder != BENCH}


def too_long() -> list[str]:
    """Return the files and functions that are too long."""
    lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in OURS}
    files = [f"{file}: {count} lines" for file, count in lines.items() if count > MOST_LINES]
    return [*files, *(f"{file} {called}: {count} lines" for file, called, count in functions() if count > LONGEST)]


def lengths() -> list[int]:
    """Return the lines of every function, shortest first."""
    return sorted(count for _, _, count in functions())


def imported(path: Path) -> set[str]:
    """Return the modules that a module needs before it can be loaded."""
    found = set[str]()
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def circles() -> list[str]:
    """Return the modules that cannot be loaded before themselves."""
    needs = {name(path).removesuffix(".py").replace("/", "."): imported(path) for path in OURS}
    left = dict(needs)
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]
    return sorted(left)


def main() -> int:
    """Print the figures, then what is broken."""
    for folder, count in sorted(folders(OURS).items()):
        sys.stdout.write(f"{count:3} {folder}\n")
    found = lengths()
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in OURS)
    modules = sum(folders(OURS).values())
    sys.stdout.write(f"\n{modules} modules, {lines} lines, {len(folders(OURS))} folders\n")
    median, p90 = found[len(found) // 2], found[len(found) * 9 // 10]
    sys.stdout.write(f"{len(found)} functions: median {median}, p90 {p90}, longest {found[-1]} lines\n")
    sys.stdout.write(f"loose modules: {', '.join(loose()) or 'none'}\n")
    broken = [*(f"{folder}: {count} files" for folder, count in crowded().items()), *loose(), *circles(), *too_long()]
    for each in broken:
        sys.stdout.write(f"broken: {each}\n")
    floors = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, check=False)
    return 1 if broken or median > MEDIAN or floors.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
