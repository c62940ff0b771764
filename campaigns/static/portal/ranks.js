/* Draws the ranks of a table as a line, the best at the top. Without it the table says the same. */
"use strict";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const draw = (canvas) => {
  // The table has the newest first, a chart the oldest.
  const rows = [...document.querySelectorAll(`#${canvas.dataset.ranks} tbody tr`)].reverse();
  const ranks = rows.map((row) => (row.dataset.rank ? Number(row.dataset.rank) : null));
  const ink = colour("--pk-muted");
  const line = colour("--pk-line");
  new Chart(canvas, {
    type: "line",
    data: {
      labels: rows.map((row) => row.dataset.when),
      datasets: [
        {
          label: canvas.dataset.axis,
          data: ranks,
          borderColor: colour("--pk-accent"),
          backgroundColor: colour("--pk-accent"),
          pointRadius: 3,
          tension: 0,
          clip: false,
        },
      ],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { display: false } },
      scales: {
        x: { ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false } },
        y: {
          reverse: true,
          min: 1,
          suggestedMax: Math.max(...ranks) + 1,
          ticks: { color: ink, precision: 0 },
          grid: { color: line },
          title: { display: true, text: canvas.dataset.axis, color: ink },
        },
      },
    },
  });
};

document.querySelectorAll("canvas[data-ranks]").forEach(draw);
