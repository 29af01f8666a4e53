import { DARK, LIGHT } from '../page/palette.ts'

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `${name}: ${colour};`)
    .join(' ')
}

/** The page's looks, light or dark as the reader has it. */
export const STYLE = `
:root { ${variables(LIGHT)} color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 72px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 21px; margin: 52px 0 4px; letter-spacing: -.005em; }
h3 { font-size: 14px; margin: 0 0 2px; font-weight: 650; }
h4 { font-size: 13px; margin: 0 0 4px; font-weight: 650; }
p { margin: 4px 0 12px; max-width: 78ch; }
.soft, figcaption { color: var(--soft); }
h3 .soft, h4 .soft { font-weight: 400; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 22px 0 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 11px 16px; min-width: 132px; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile span { color: var(--soft); font-size: 13px; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 14px; margin-top: 14px; }
.panels:empty { display: none; }
.panels.three { grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px 10px; min-width: 0; }
figure.wide { margin-top: 14px; }
figcaption { font-size: 13px; line-height: 1.45; margin-top: 6px; }
figure svg { background: transparent; overflow: visible; max-width: 100%; }
figure figure { border: 0; padding: 0; background: none; }
figure { --plot-background: var(--panel); }
.key { display: inline-flex; gap: 4px 16px; font-size: 13px; color: var(--soft); flex-wrap: wrap; }
.key b { color: var(--ink); margin-right: 3px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 7px; }
.tools { display: flex; gap: 6px; justify-content: flex-end; margin-top: 6px; }
button { font: inherit; font-size: 12px; line-height: 1.3; color: var(--soft); background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 4px 9px; min-height: 26px; cursor: pointer; }
button:hover { color: var(--ink); border-color: var(--soft); }
.table { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; margin-top: 14px; padding-bottom: 8px; overflow-x: auto; }
.table > .tools { padding: 0 12px; }
.chooser { padding: 10px 12px 4px; }
.chooser summary { font-size: 13px; color: var(--soft); cursor: pointer; }
.chooser fieldset { display: flex; flex-wrap: wrap; gap: 6px; border: 0; margin: 8px 0 0; padding: 0; min-width: 0; }
.chooser legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.chooser label { position: relative; cursor: pointer; }
.chooser input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.chooser span { display: block; font-size: 12px; line-height: 1.3; padding: 4px 9px; border: 1px solid var(--line); border-radius: 20px; color: var(--soft); }
.chooser :checked + span { color: var(--panel); background: var(--soft); border-color: var(--soft); }
.chooser :focus-visible + span { outline: 2px solid var(--focus); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; }
thead th { padding: 4px 6px; }
thead button { border-color: transparent; background: none; font-weight: 600; }
thead [aria-sort=ascending] button::after { content: " ▲"; }
thead [aria-sort=descending] button::after { content: " ▼"; }
thead [aria-sort=ascending] button, thead [aria-sort=descending] button { color: var(--ink); }
th:first-child { text-align: left; }
tbody th { font-weight: 650; }
td small, th small { display: block; color: var(--soft); font-size: 11px; font-weight: 400; line-height: 1.35; }
th details { font-weight: 400; font-size: 11px; color: var(--soft); }
th summary { cursor: pointer; }
th details small { white-space: normal; overflow-wrap: anywhere; }
td.failed { text-align: left; color: var(--warn); white-space: normal; }
[hidden] { display: none !important; }
.folded table, .folded tbody { display: block; }
.folded thead tr { display: flex; flex-wrap: wrap; gap: 2px; padding: 2px 8px; border-bottom: 1px solid var(--line); }
.folded thead th { padding: 2px; border: 0; }
.folded thead button { border-color: var(--line); }
.folded tbody tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 8px 10px; padding: 12px; border-bottom: 1px solid var(--line); }
.folded tbody th { grid-column: 1 / -1; padding: 0; border: 0; white-space: normal; font-size: 14px; }
.folded tbody td { padding: 0; border: 0; text-align: left; white-space: normal; }
.folded tbody td.failed { grid-column: 1 / -1; }
.folded tbody td[data-label]::before { content: attr(data-label); display: block; font-size: 11px; color: var(--soft); }
.user { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; margin-top: 14px; }
.user > p { margin: 2px 0 0; font-size: 13px; }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr)); gap: 16px 20px; margin-top: 10px; }
.list { min-width: 0; }
.list summary { font-size: 13px; font-weight: 650; margin-bottom: 4px; cursor: pointer; }
.list summary .soft { font-weight: 400; }
.list.history { color: var(--soft); }
.list ol { margin: 0; padding-left: 22px; font-size: 13px; line-height: 1.45; }
.list li { margin: 2px 0; }
.list .hit { font-weight: 650; }
mark { background: var(--mark); color: inherit; font-size: 11px; font-weight: 400; border-radius: 4px; padding: 1px 5px; white-space: nowrap; }
.command { display: flex; gap: 8px; align-items: flex-start; }
.command pre { flex: 1; min-width: 0; margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 16px; margin: 14px 0 0; font-size: 14px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
select { font: inherit; font-size: 13px; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 3px 6px; }
ul { padding-left: 20px; max-width: 84ch; }
li { margin: 5px 0; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (max-width: 560px) {
  main { padding: 24px 14px 48px; }
  h1 { font-size: 24px; }
  h2 { margin-top: 40px; }
  figure { padding: 12px 10px 8px; }
  .tile { flex: 1 1 40%; min-width: 0; }
  .lists { grid-template-columns: minmax(0, 1fr); }
  .command { flex-direction: column; }
  .command pre { width: 100%; }
}
@media print { .tools, .chooser, .command button { display: none; } section { break-inside: avoid-page; } }
`
