// The table and the plot of engines side by side, as Markdown and SVG.
import { type Distribution, type EngineFigures, PLOT_SHARES } from './figures.js';

const COLUMNS = ['mean', 'p50', 'p90', 'p99', 'p999', 'max'] as const;
const COLORS = ['#1b7f4d', '#b3541e', '#3b5b92', '#7a3b8f', '#808080', '#a8871c', '#2a9d9d', '#c0392b'];

export function tableOf(engines: Readonly<Record<string, EngineFigures>>): string {
  const names = Object.keys(engines);
  const rows: string[][] = [];
  for (const [title, key] of [
    ['mask + accept', 'mask'],
    ['first mask', 'first'],
    ['compile', 'compile'],
  ] as const)
    for (const column of COLUMNS)
      rows.push([
        `${title}, ${column === 'p999' ? 'p99.9' : column}`,
        ...names.map((name) => micros(engines[name][key][column])),
      ]);
  const count = (title: string, of: (figures: EngineFigures) => string) =>
    rows.push([title, ...names.map((name) => of(engines[name]))]);
  count('schemas passing', ({ passing, schemas }) => `${((100 * passing) / schemas).toFixed(1)} %`);
  count('refused', ({ refused }) => String(refused));
  count('timeout or crash', ({ failed }) => String(failed));
  count('valid instances rejected', ({ validRejected }) => String(validRejected));
  count('invalid instances accepted', ({ invalidAccepted }) => String(invalidAccepted));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(['µs', ...names]), `|---|${names.map(() => '--:').join('|')}|`, ...rows.map(line)].join('\n');
}

function micros(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 10) / 10);
}

const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = 46;
/** Names in a line of the legend. */
const LEGEND_COLUMNS = 4;
const LEGEND_LINE = 18;

/** Two plots side by side: quantiles of mask + accept and of the first mask, microseconds on a logarithmic scale. */
export function plotOf(engines: Readonly<Record<string, EngineFigures>>): string {
  const names = Object.keys(engines);
  const panel = (title: string, key: 'mask' | 'first', left: number) => {
    const curves = names.map((name) => engines[name][key]);
    return `<g transform="translate(${left},24)">${frame(title, curves)}${curves
      .map((curve, i) => polyline(curve, scaleOf(curves), COLORS[i % COLORS.length]))
      .join('')}</g>`;
  };
  const legend = names
    .map(
      (name, i) =>
        `<text x="${MARGIN + (i % LEGEND_COLUMNS) * 190}" y="${HEIGHT + 60 + Math.floor(i / LEGEND_COLUMNS) * LEGEND_LINE}" fill="${COLORS[i % COLORS.length]}">${name}</text>`,
    )
    .join('');
  const height = HEIGHT + 58 + Math.ceil(names.length / LEGEND_COLUMNS) * LEGEND_LINE;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * WIDTH + 20}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>${panel('mask + accept (µs)', 'mask', 0)}${panel('first mask (µs)', 'first', WIDTH)}${legend}</svg>\n`;
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(curves: readonly Distribution[]): Scale {
  const values = curves.flatMap(({ curve }) => curve.filter((value) => value > 0));
  return {
    low: Math.floor(Math.log10(Math.max(0.1, Math.min(...values)))),
    high: Math.ceil(Math.log10(Math.max(1, ...values))),
  };
}

/** The tail is stretched: each nine takes as much room as the first nine tenths. */
function across(share: number): number {
  const nines = Math.min(4, -Math.log10(Math.max(1e-4, 1 - share)));
  return MARGIN + (nines / 4) * (WIDTH - MARGIN - 12);
}

function up(value: number, { low, high }: Scale): number {
  const at = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
  return HEIGHT - at * (HEIGHT - 20);
}

function polyline({ curve }: Distribution, scale: Scale, color: string): string {
  const points = curve.map(
    (value, i) => `${across(PLOT_SHARES[i]).toFixed(1)},${up(value, scale).toFixed(1)}`,
  );
  return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.join(' ')}"/>`;
}

function frame(title: string, curves: readonly Distribution[]): string {
  const scale = scaleOf(curves);
  const lines: string[] = [`<text x="${MARGIN}" y="8" font-weight="bold">${title}</text>`];
  for (let power = scale.low; power <= scale.high; power++) {
    const y = up(10 ** power, scale);
    lines.push(
      `<line x1="${MARGIN}" x2="${WIDTH - 12}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${y + 4}" text-anchor="end">${10 ** power}</text>`,
    );
  }
  for (const share of [0, 0.5, 0.9, 0.99, 0.999, 1])
    lines.push(
      `<text x="${across(share)}" y="${HEIGHT + 18}" text-anchor="middle">${share === 1 ? 'max' : `p${100 * share}`}</text>`,
    );
  return lines.join('');
}
