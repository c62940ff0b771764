/* The sales by hour: bars for the day, a line for the day before, and the same as a table. */
"use strict";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class HoursChart {
  constructor(plot, locale) {
    this.plot = plot;
    this.canvas = plot.querySelector("[data-chart]");
    this.body = plot.querySelector("tbody");
    this.short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
    this.full = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    this.days = [];
  }

  /* days: as the feed has them, today first; names: what the two are called. */
  show(days, names, summary) {
    this.days = days;
    this.names = names;
    this.canvas.setAttribute("aria-label", summary);
    this.fillTable();
    this.draw();
  }

  before() {
    const amounts = new Map();
    for (const hour of this.days[1]?.hours ?? []) {
      amounts.set(hour.label, hour.amount);
    }
    return (this.days[0]?.hours ?? []).map((hour) => amounts.get(hour.label) ?? null);
  }

  fillTable() {
    const hours = this.days[0]?.hours ?? [];
    const before = this.before();
    while (this.body.rows.length > hours.length) {
      this.body.deleteRow(-1);
    }
    hours.forEach((hour, index) => {
      let row = this.body.rows[index];
      if (!row) {
        row = this.body.insertRow();
        const head = document.createElement("th");
        head.scope = "row";
        row.append(head);
        row.insertCell().className = "number";
        row.insertCell().className = "number";
      }
      [hour.label, this.told(hour.amount), this.told(before[index])].forEach((text, place) => {
        if (row.cells[place].textContent !== text) {
          row.cells[place].textContent = text;
        }
      });
    });
  }

  told(amount) {
    return amount === null ? "–" : this.full.format(amount);
  }

  draw() {
    const hours = this.days[0]?.hours ?? [];
    const numbers = (amounts) =>
      amounts.map((amount) => (amount === null ? null : Number(amount)));
    const today = numbers(hours.map((hour) => hour.amount));
    const before = numbers(this.before());
    if (!this.chart) {
      this.chart = new Chart(this.canvas, this.settings());
    }
    const { data } = this.chart;
    data.labels = hours.map((hour) => hour.label);
    [data.datasets[0].data, data.datasets[1].data] = [before, today];
    [data.datasets[0].label, data.datasets[1].label] = [this.names[1], this.names[0]];
    this.dress();
    this.chart.update(isStill() ? "none" : undefined);
  }

  settings() {
    return {
      data: {
        labels: [],
        datasets: [
          { type: "line", data: [], tension: 0.25, spanGaps: false, order: 1 },
          { type: "bar", data: [], order: 2, borderRadius: 3, categoryPercentage: 0.9 },
        ],
      },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: { duration: 500 },
        interaction: { mode: "index", intersect: false },
        plugins: {
          legend: { display: false },
          tooltip: {
            callbacks: {
              label: (point) => `${point.dataset.label}: ${this.full.format(point.raw)}`,
            },
          },
        },
        scales: {
          x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } },
          y: {
            beginAtZero: true,
            border: { display: false },
            ticks: { maxTicksLimit: 5, callback: (value) => this.short.format(value) },
          },
        },
      },
    };
  }

  /* Colours and sizes of the theme and the window; again when either changes. */
  dress() {
    if (!this.chart) {
      return;
    }
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = { size: 0.8 * size, family: getComputedStyle(document.body).fontFamily };
    const [line, bars] = this.chart.data.datasets;
    Object.assign(line, {
      borderColor: colour("--before"),
      backgroundColor: colour("--before"),
      borderWidth: size / 7,
      pointRadius: size / 7,
    });
    bars.backgroundColor = colour("--accent");
    const { scales, plugins } = this.chart.options;
    for (const axis of [scales.x, scales.y]) {
      axis.ticks.color = colour("--quiet");
      axis.ticks.font = font;
      axis.grid.color = colour("--line");
    }
    scales.x.border = { color: colour("--line") };
    plugins.tooltip.titleFont = font;
    plugins.tooltip.bodyFont = font;
  }

  redress() {
    if (this.chart) {
      this.dress();
      this.chart.update("none");
    }
  }

  /* Whether the numbers stand in the chart's place. */
  asTable(on) {
    this.plot.classList.toggle("as-table", on);
    const table = this.plot.querySelector("[data-table]");
    if (on) {
      table.tabIndex = 0;
    } else {
      table.removeAttribute("tabindex");
    }
  }
}
