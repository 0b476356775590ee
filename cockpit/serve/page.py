"""The page around the deck: all of it is ours or textual-serve's, and nothing of it is loaded from elsewhere."""

from html import escape

from sessions.text.clean import clean
from themes.night import GROUND, INK

STYLE = f"""
@font-face {{ font-family: "Roboto Mono"; src: url("static/fonts/RobotoMono-VariableFont_wght.ttf"); }}
html, body {{ margin: 0; height: 100%; background: {GROUND}; color: {INK}; font: 16px "Roboto Mono", monospace; }}
.textual-terminal {{ position: absolute; inset: 0; opacity: 0; }}
body.-first-byte .textual-terminal {{ opacity: 1; }}
.word {{ position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; z-index: 1; }}
body.-first-byte .opening {{ display: none; }}
.ended {{ display: none; z-index: 2; background: rgba(14, 19, 26, 0.85); }}
body.-closed .ended {{ display: flex; }}
"""


def policy(host: str) -> str:
    """Return what a browser may load for the page: our own files, and our own socket."""
    own = "script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:"
    return f"default-src 'none'; {own}; connect-src ws://{host}; base-uri 'none'; frame-ancestors 'none'"


def page(name: str, host: str, token: str) -> str:
    """Return the page of a session."""
    title = escape(clean(name, 80))
    socket = escape(f"ws://{host}/{token}/ws")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<title>{title} · cockpit, read-only</title>
<link rel="icon" href="data:,"/>
<link rel="stylesheet" href="static/css/xterm.css"/>
<style>{STYLE}</style>
<script src="static/js/textual.js"></script>
</head>
<body>
<div class="word opening">opening {title}, read-only</div>
<div class="word ended">This deck has ended: the session or its server has, or you left it. Reload to look again.</div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{socket}" data-font-size="14"></div>
</body>
</html>
"""


FULL = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><title>cockpit</title></head>
<body>As many look already as this server allows. Close another tab, or start it with more --viewers.</body></html>
"""
