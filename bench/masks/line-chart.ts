// Line charts side by side as SVG, both axes logarithmic.

export interface Chart {
  readonly title: string;
  /** By name: points of x and y, both above 0. */
  readonly lines: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

const WIDTH = 340;
const HEIGHT = 260;
const MARGIN = 48;
const COLORS = ['#1b7f4d', '#b3541e', '#3b5b92', '#7a3b8f'];

export function lineCharts(charts: readonly Chart[]): string {
  const panels = charts.map((chart, i) => `<g transform="translate(${i * WIDTH},24)">${panel(chart)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${charts.length * WIDTH}" height="${HEIGHT + 110}" font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>${panels.join('')}</svg>\n`;
}

function panel({ title, lines }: Chart): string {
  const points = Object.values(lines).flat();
  const across = scale(
    points.map(([x]) => x),
    MARGIN,
    WIDTH - 14,
  );
  const up = scale(
    points.map(([, y]) => y),
    HEIGHT,
    20,
  );
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const ticks = xs.filter((_, i) => xs.length <= 6 || i % 2 === 0);
  const drawn = Object.entries(lines).map(([name, line], i) => {
    const path = line.map(([x, y]) => `${across.at(x).toFixed(1)},${up.at(y).toFixed(1)}`).join(' ');
    const color = COLORS[i % COLORS.length];
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${path}"/><text x="${MARGIN}" y="${HEIGHT + 36 + 15 * i}" fill="${color}">${name}</text>`;
  });
  return [
    `<text x="${MARGIN}" y="6" font-weight="bold">${title}</text>`,
    ...up.powers.map(
      (power) =>
        `<line x1="${MARGIN}" x2="${WIDTH - 14}" y1="${up.at(power)}" y2="${up.at(power)}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${up.at(power) + 4}" text-anchor="end">${power}</text>`,
    ),
    ...ticks.map(
      (x) => `<text x="${across.at(x)}" y="${HEIGHT + 18}" text-anchor="middle">${short(x)}</text>`,
    ),
    ...drawn,
  ].join('');
}

function scale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    powers: Array.from({ length: high - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(1))),
  };
}

function short(value: number): string {
  return value >= 1000 ? `${Math.round(value / 1000)}k` : String(value);
}
