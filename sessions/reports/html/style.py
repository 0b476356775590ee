"""How a report looks: light and dark by the reader's own choice, on a phone, and on paper."""

_LIGHT = {
    "ground": "#fbfcfd", "card": "#ffffff", "ink": "#1f2937", "strong": "#0b1220", "quiet": "#5b6878",
    "edge": "#dbe2ea", "lead": "#1f5fae", "good": "#1b7a3d", "hold": "#8f5f00", "bad": "#c02a26", "blind": "#7345b5",
    "band": "#d3e4f6", "tint": "0.16",
}  # fmt: skip
_DARK = {
    "ground": "#0e131a", "card": "#131a23", "ink": "#ccd5e0", "strong": "#f0f4f9", "quiet": "#8f9db0",
    "edge": "#2b3644", "lead": "#7fb2f5", "good": "#7bcf8f", "hold": "#e6b455", "bad": "#ff7f79", "blind": "#c39bf5",
    "band": "#22384f", "tint": "0.22",
}  # fmt: skip


def _named(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


STYLE = f"""
:root{{color-scheme:light dark;{_named(_LIGHT)}}}
@media (prefers-color-scheme:dark){{:root{{{_named(_DARK)}}}}}
*{{box-sizing:border-box}}
html{{-webkit-text-size-adjust:100%}}
body{{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}}
main{{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}}
h1,h2,h3,b,strong{{color:var(--strong)}}
h1{{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem;font-weight:650;text-wrap:balance}}
h2{{font-size:1.05rem;margin:1.75rem 0 .4rem;font-weight:650}}
h3{{font-size:.95rem;margin:1.5rem 0 .25rem;font-weight:600}}
p{{margin:.25rem 0}}
a{{color:inherit;text-decoration:none}}
a:hover,a:focus{{text-decoration:underline}}
.quiet,.none,.numbers{{color:var(--quiet)}}
.standing{{font-size:1.1rem}}
.well{{margin:1.25rem 0 0;padding:.9rem 1.1rem;border:1px solid var(--edge);border-left:4px solid var(--lead);
border-radius:6px;background:var(--card)}}
.well ul{{margin:.5rem 0 0}}
ul{{margin:.25rem 0;padding-left:1.2rem}}
li{{margin:.3rem 0;overflow-wrap:anywhere}}
li li{{margin:0;color:var(--quiet);font-size:.9rem}}
.numbers{{font-size:.82rem;white-space:nowrap}}
section.proof,section.charts{{border-top:1px solid var(--edge);margin-top:2.5rem;padding-top:.25rem}}
section.charts h2,section.proof>h2:first-child{{font-size:1.25rem}}
.good{{color:var(--good)}}.bad{{color:var(--bad)}}.blind{{color:var(--blind)}}.hold{{color:var(--hold)}}
.scroll{{overflow-x:auto;margin:.25rem 0}}
table{{border-collapse:collapse;width:100%;font-size:.86rem}}
th{{text-align:left;color:var(--quiet);font-weight:500;white-space:nowrap}}
th,td{{padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--edge);vertical-align:top}}
td{{overflow-wrap:break-word;min-width:3rem}}
.right{{text-align:right;white-space:nowrap}}
tr:target td{{background:var(--band)}}
.grid{{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1.1rem 1.75rem}}
figure{{margin:0;break-inside:avoid}}
figcaption{{font-size:.86rem;line-height:1.35;min-height:2.4em;margin-bottom:.35rem;overflow-wrap:anywhere}}
figcaption .said{{display:block}}
.plot{{position:relative;margin:.75rem 1rem 1.5rem 4.2rem}}
.plot svg{{display:block;width:100%;height:8.5rem;overflow:hidden;border-bottom:1px solid var(--edge)}}
.kept{{position:absolute}}
.x,.y{{position:absolute;font-size:.74rem;line-height:1;color:var(--quiet);white-space:nowrap}}
.y{{right:100%;padding-right:.5rem;transform:translateY(-50%)}}
.y.bound{{color:var(--bad)}}
.x{{top:100%;padding-top:.4rem;transform:translateX(-50%)}}
svg path,svg line{{fill:none;vector-effect:non-scaling-stroke}}
.line{{stroke:var(--lead);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}}
.dot{{stroke-width:4}}
line.bound{{stroke:var(--bad);stroke-width:1.2;stroke-dasharray:5 4}}
svg .band{{fill:var(--band);stroke:none}}
.ahead{{stroke:var(--quiet);stroke-width:1}}
line.back{{stroke:var(--bad);stroke-width:1.4}}
rect.paused{{fill:var(--hold);opacity:var(--tint)}}
rect.fuse{{fill:var(--bad);opacity:var(--tint)}}
rect.unseen{{fill:var(--blind);opacity:.1}}
.strip{{margin:.75rem 0 1.5rem;font-size:.82rem;break-inside:avoid}}
.row{{display:flex;align-items:center;margin:.2rem 0}}
.name{{flex:0 0 6.2rem;color:var(--quiet);white-space:nowrap}}
.track{{position:relative;flex:1;height:1.25rem;margin-right:1rem;background:var(--card);border:1px solid var(--edge);
border-radius:3px}}
.times .track{{background:none;border:none;height:.9rem}}
.times .x{{top:0;padding-top:0}}
.bar{{position:absolute;top:0;bottom:0;min-width:2px;border-radius:2px;overflow:hidden;white-space:nowrap;
padding-left:0;line-height:1.15rem}}
.bar.phase{{background:var(--band);border-left:1px solid var(--quiet);padding-left:.3rem}}
.bar.trouble,.bar.fuse{{background:var(--bad)}}.bar.paused,.bar.frozen{{background:var(--hold)}}
.bar.unseen{{background:var(--blind)}}
.mark{{position:absolute;top:0;line-height:1.15rem;white-space:nowrap}}
.mark.late{{transform:translateX(-100%)}}
.mark.back{{color:var(--bad)}}
@media (max-width:40rem){{
body{{font-size:15px}}main{{padding:1.25rem .9rem 3rem}}
.wide{{display:none}}.plot{{margin-left:3.6rem;margin-right:.9rem}}.name{{flex-basis:5.4rem}}
}}
@media print{{
:root{{color-scheme:light;{_named(_LIGHT)}--ground:#fff}}
*{{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
body{{font-size:10.5pt}}main{{max-width:none;padding:0}}
.grid{{grid-template-columns:1fr 1fr}}.scroll{{overflow:visible}}
section.charts,section.proof{{break-before:page;border-top:none;margin-top:0}}
h2,h3{{break-after:avoid}}li,tr{{break-inside:avoid}}thead{{display:table-header-group}}
}}
@page{{margin:16mm 14mm}}
"""
