/** The page's looks, light or dark as the reader has it. */
export const STYLE = `
:root { --ground: #fbfaf7; --panel: #ffffff; --ink: #1d2129; --soft: #5c6470; --line: #e3e1da; --best: #2ba36b; --warn: #b4531f; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --panel: #1b1f26; --ink: #e8eaee; --soft: #9aa3b0; --line: #2e343e; --best: #49c588; --warn: #f0955b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 72px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 21px; margin: 52px 0 4px; letter-spacing: -.005em; }
h3 { font-size: 14px; margin: 0 0 2px; font-weight: 650; }
p { margin: 4px 0 12px; max-width: 78ch; }
.soft, figcaption { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 22px 0 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 11px 16px; min-width: 132px; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile span { color: var(--soft); font-size: 13px; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 14px; margin-top: 14px; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px 10px; min-width: 0; }
figure.wide { margin-top: 14px; }
figcaption { font-size: 13px; line-height: 1.45; margin-top: 6px; }
figure svg { background: transparent; overflow: visible; max-width: 100%; }
figure figure { border: 0; padding: 0; background: none; }
figure { --plot-background: var(--panel); }
.key { display: inline-flex; gap: 16px; font-size: 13px; color: var(--soft); flex-wrap: wrap; }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; margin-top: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
tr:last-child td { border-bottom: 0; }
th:first-child, td:first-child { text-align: left; font-weight: 650; position: sticky; left: 0; background: var(--panel); }
td small { display: block; color: var(--soft); font-size: 11px; font-weight: 400; line-height: 1.35; }
td.best { color: var(--best); font-weight: 650; }
td.failed { text-align: left; color: var(--warn); white-space: normal; }
select { font: inherit; font-size: 13px; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 3px 6px; }
ul { padding-left: 20px; max-width: 84ch; }
li { margin: 5px 0; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
`
