// One line over equal steps, drawn by uPlot. The table beside it says the same to everybody.
import uPlot from "uplot";

const STEPS = [1, 2, 5, 7, 10, 14, 20, 25, 28, 50, 100, 200, 500, 1000, 2000, 5000];

export class Chart {
  // `labels` name the steps, `format` puts a value; `top` is the value at the upper edge.
  constructor(figure, { labels, values, format, top = null }) {
    this.area = figure.querySelector("[data-chart-area]");
    this.now = figure.querySelector("[data-chart-now]");
    this.labels = labels;
    this.values = values;
    this.format = format;
    this.top = top;
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.scheme.addEventListener("change", this.redraw);
    this.watcher = new ResizeObserver(() => this.fit());
    this.draw();
    this.watcher.observe(this.area);
  }

  draw() {
    this.plot?.destroy();
    const steps = this.labels.map((_, number) => number);
    this.plot = new uPlot(this.options(), [steps, this.values], this.area);
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.area;
    if (width && (width !== this.plot.width || height !== this.plot.height)) this.plot.setSize({ width, height });
  }

  options() {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour("muted"), font: "12px system-ui, sans-serif", ticks: { show: false } };
    const grid = { stroke: colour("line"), width: 1 };
    return {
      width: this.area.clientWidth || 300,
      height: this.area.clientHeight || 190,
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, this.top ?? Math.max(1, (most ?? 0) * 1.1)] } },
      series: [
        {},
        {
          stroke: colour("accent"),
          fill: colour("accent-soft"),
          width: 2,
          points: { show: this.labels.length < 40, size: 5, fill: colour("accent") },
        },
      ],
      axes: [
        { ...axis, grid: { show: false }, incrs: STEPS, space: 72, size: 28, values: (_, places) => places.map((at) => this.labels[at] ?? "") },
        { ...axis, grid, size: 64, values: (_, places) => places.map((at) => this.format(at)) },
      ],
      hooks: { setCursor: [(plot) => this.tell(plot.cursor.idx)] },
    };
  }

  tell(number) {
    const value = this.values[number];
    this.now.textContent = value === null || value === undefined ? "" : `${this.labels[number]}: ${this.format(value)}`;
  }

  remove() {
    this.scheme.removeEventListener("change", this.redraw);
    this.watcher.disconnect();
    this.plot.destroy();
    this.now.textContent = "";
  }
}

// Charts by the name of their figure; drawn anew they take the place of the old ones.
export class Charts {
  constructor(root) {
    this.root = root;
    this.drawn = {};
  }

  draw(name, options) {
    this.drawn[name]?.remove();
    this.drawn[name] = new Chart(this.root.querySelector(`[data-chart="${name}"]`), options);
  }

  remove() {
    for (const chart of Object.values(this.drawn)) chart.remove();
  }
}
