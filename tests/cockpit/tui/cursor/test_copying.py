"""What is copied reaches the clipboard also through a tmux, and a tmux that cannot or does not answer is no trouble."""

import os

import pytest

from cockpit.tui.cursor import copying
from cockpit.tui.cursor.copying import through_tmux

TAKES = '#!/bin/sh\necho "$@" > "$OUT.args"\ncat > "$OUT"\n'
HANGS = "#!/bin/sh\nexec sleep 600\n"
FAILS = "#!/bin/sh\nexit 3\n"


def world(tmp_path, script: str):
    tmux = tmp_path / "tmux"
    tmux.write_text(script)
    tmux.chmod(0o755)
    return {**os.environ, "TMUX": "/tmp/sock,1,0", "PATH": f"{tmp_path}:{os.environ['PATH']}", "OUT": f"{tmp_path}/out"}


async def test_tmux_gets_the_text_as_it_is_and_hands_it_on(tmp_path, monkeypatch):
    environ = world(tmp_path, TAKES)
    monkeypatch.setenv("PATH", environ["PATH"])
    await through_tmux("POST /capsules; $(id) é", environ)
    assert (tmp_path / "out").read_text() == "POST /capsules; $(id) é"
    assert (tmp_path / "out.args").read_text().split() == ["load-buffer", "-w", "-"]


@pytest.mark.parametrize("script", [HANGS, FAILS], ids=["hangs", "fails"])
async def test_a_tmux_that_does_not_take_it_is_let_go_of(tmp_path, monkeypatch, script):
    environ = world(tmp_path, script)
    monkeypatch.setenv("PATH", environ["PATH"])
    monkeypatch.setattr(copying, "_PATIENCE", 0.3)
    await through_tmux("x" * 200_000, environ)


async def test_no_tmux_at_all_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    await through_tmux("x", {"PATH": str(tmp_path)})
