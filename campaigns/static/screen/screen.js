/* A data screen: asks for its figures again and again, counts down, and says when they are old. */
"use strict";

const root = document.documentElement;
const { feed, seconds, stale, zone } = document.body.dataset;
const words = JSON.parse(document.getElementById("screen-words").textContent);
const language = root.lang;
const locale = language === "zh-hans" ? "zh-Hans-CN" : "en-GB";
const find = (name) => document.querySelector(`[data-${name}]`);
const LONGEST_WAIT = 300;
const PATIENCE = 10000;

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 });
const share = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const inZone = (options) =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
const clockTime = inZone({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = inZone({ hour: "2-digit", minute: "2-digit" });
const moment = inZone({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "short", day: "numeric" });

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
const localised = (texts) => texts?.[language] || texts?.en || Object.values(texts ?? {})[0] || "";
const chart = new HoursChart(find("plot"), locale);

let shown = null;
let etag = "";
let failures = 0;
let timer = 0;
let lastHeard = null;
/* The installation's time less the browser's own clock that nobody sets. */
let offset = null;

const now = () => (offset === null ? null : new Date(offset + performance.now()));

/* Text is set only where it differs, so that nothing is read out or drawn again for nothing. */
const put = (place, text) => {
  if (place.textContent !== text) {
    place.textContent = text;
  }
};

/* A large figure is as large as it fits its panel: the style divides by its length. */
const putFigure = (place, text) => {
  put(place, text);
  place.style.setProperty("--length", String(Math.max(8, [...text].length)));
};

const news = (tone, text) => {
  const place = find("news");
  place.dataset.tone = tone;
  put(place, text);
};

const showOpen = (rows) => {
  const list = find("open");
  const titles = [...new Set(rows.map((row) => localised(row.title) || row.code))].slice(0, 3);
  const old = [...list.children].map((item) => item.textContent);
  if (shown?.campaign.state === "suspended") {
    titles.unshift(words.suspended);
  }
  if (old.join("\n") !== titles.join("\n")) {
    list.replaceChildren(
      ...titles.map((title) => {
        const item = document.createElement("li");
        item.textContent = title;
        return item;
      }),
    );
  }
};

const showTotal = ({ phase, sales }) => {
  put(find("total-name"), phase === "after" ? words.final : words.total);
  putFigure(find("total"), exact.format(sales.amount));
  put(find("units"), say(words.units, { units: whole.format(sales.quantity) }));
  const asOf = sales.as_of ? moment.format(new Date(sales.as_of)) : "–";
  put(find("as-of"), say(words.asOf, { time: asOf }));
  find("target").classList.toggle("none", sales.target === null);
  if (sales.target !== null) {
    find("progress").value = Math.min(100, Number(sales.share));
    /* Rounded down: the whole is reached, not rounded to. */
    const reached = Math.floor(Number(sales.share) * 10) / 10;
    const values = { share: share.format(reached), target: whole.format(sales.target) };
    put(find("share"), say(words.share, values));
  }
};

const showHours = ({ days }) => {
  const names = [0, 1].map((place) => (days[place] ? dayName.format(new Date(days[place].date)) : ""));
  for (const place of [0, 1]) {
    for (const name of document.querySelectorAll(`[data-day="${place}"]`)) {
      put(name, names[place]);
    }
  }
  chart.show(days, names, summaryOf(days[0], names[0]));
};

const summaryOf = (day, name) => {
  const sold = (day?.hours ?? []).filter((hour) => Number(hour.amount) > 0);
  if (!sold.length) {
    return words.nothing;
  }
  const best = sold.reduce((one, other) => (Number(other.amount) > Number(one.amount) ? other : one));
  const sum = sold.reduce((total, hour) => total + Number(hour.amount), 0);
  const values = { day: name, amount: whole.format(sum), hour: best.label };
  return say(words.hoursSummary, { ...values, best: whole.format(best.amount) });
};

const bar = (place, part) => place.style.setProperty("--part", String(Math.max(0, Math.min(1, part))));

const rankingOf = (ranking) => {
  const until = ranking.until ? moment.format(new Date(ranking.until)) : "";
  if (ranking.source !== "board") {
    return until ? say(words.salesUntil, { until }) : "";
  }
  const values = { title: localised(ranking.title), venue: localised(ranking.venue) };
  const from = ranking.from ? moment.format(new Date(ranking.from)) : "";
  const text = from ? words.boardHours : words.boardUntil;
  return say(text, { ...values, from, until: from ? minute.format(new Date(ranking.until)) : until });
};

const showRanking = (ranking) => {
  const panel = document.querySelector(`[data-ranking="${ranking.unit}"]`);
  put(panel.querySelector("[data-of]"), rankingOf(ranking));
  panel.querySelector("[data-nothing]").hidden = ranking.rows.length > 0;
  const most = Math.max(1, ...ranking.rows.map((row) => Number(row.amount)));
  [...panel.querySelectorAll("li")].forEach((line, index) => {
    const row = ranking.rows[index];
    line.hidden = !row;
    if (row) {
      put(line.querySelector(".place"), String(row.place));
      put(line.querySelector(".name"), row.name);
      put(line.querySelector(".shop"), ranking.unit === "item" ? row.seller : "");
      put(line.querySelector(".amount"), row.amount === null ? "–" : whole.format(row.amount));
      bar(line.querySelector(".bar"), Number(row.amount) / most);
    }
  });
};

const showFunnel = (steps) => {
  const most = Math.max(1, ...steps.map((step) => step.entries));
  for (const step of steps) {
    const line = document.querySelector(`[data-step="${step.step}"]`);
    put(line.querySelector(".value"), whole.format(step.entries));
    bar(line.querySelector(".bar"), step.entries / most);
  }
  document.body.classList.toggle("no-entries", steps.every((step) => step.entries === 0));
};

/* What is counted down to: the start of the sale before it, else what comes next. */
const aimOf = (data) => {
  if (data.phase === "before") {
    return { name: words.untilSale, at: data.sale.starts_at };
  }
  if (!data.next) {
    const name = data.campaign.version === null ? words.noRulebook : words.over;
    return { name, at: null };
  }
  const title = localised(data.next.title) || data.next.code;
  return { name: say(words[data.next.what], { title }), at: data.next.at };
};

const showNext = (data) => {
  const aim = aimOf(data);
  put(find("next-name"), aim.name);
  put(find("next-at"), aim.at ? moment.format(new Date(aim.at)) : "");
  const board = data.next_board;
  const values = board && {
    title: localised(board.title) || board.race,
    time: moment.format(new Date(board.at)),
  };
  put(find("board"), board ? say(words.nextBoard, values) : "");
  document.body.classList.toggle("nothing-next", !aim.at);
};

const show = (data) => {
  shown = data;
  document.body.dataset.phase = data.phase;
  put(document.querySelector("h1"), localised(data.campaign.title) || data.campaign.code);
  showOpen(data.open);
  showTotal(data);
  showNext(data);
  showFunnel(data.funnel);
  data.rankings.forEach(showRanking);
  showHours(data);
};

const two = (number) => String(number).padStart(2, "0");

const tick = () => {
  const at = now();
  if (!at) {
    return;
  }
  put(find("clock"), clockTime.format(at));
  const aim = shown && aimOf(shown).at;
  if (aim) {
    const left = Math.max(0, Math.ceil((new Date(aim) - at) / 1000));
    const days = Math.floor(left / 86400);
    const time = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60].map(two).join(":");
    putFigure(find("countdown"), days ? say(words.days, { days, time }) : time);
  } else if (shown) {
    putFigure(find("countdown"), "–");
  }
  if (!failures && shown) {
    tellAge(at);
  }
};

const tellAge = (at) => {
  const asOf = shown.sales.as_of && new Date(shown.sales.as_of);
  const isOld = !asOf || (at - asOf) / 1000 > Number(stale);
  if (shown.phase === "live" && isOld) {
    news("warn", say(words.late, { time: asOf ? moment.format(asOf) : "–" }));
  } else {
    news("good", words.fresh);
  }
};

const again = (wait) => {
  clearTimeout(timer);
  timer = setTimeout(ask, wait * 1000);
};

const failed = (status) => {
  failures += 1;
  const wait = Math.min(LONGEST_WAIT, Number(seconds) * 2 ** (failures - 1));
  if (status === 403 || status === 404) {
    news("bad", words.refused);
  } else {
    const next = new Date((offset ?? Date.now()) + (offset === null ? 0 : performance.now()) + wait * 1000);
    const time = lastHeard ? clockTime.format(lastHeard) : "–";
    news("bad", say(words.lost, { time, next: clockTime.format(next) }));
  }
  again(wait);
};

const ask = async () => {
  clearTimeout(timer);
  let answer;
  let data = null;
  try {
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    const limits = { signal: AbortSignal.timeout(PATIENCE), redirect: "error" };
    answer = await fetch(feed, { headers, cache: "no-store", ...limits });
    data = answer.ok ? await answer.json() : null;
  } catch {
    failed(0);
    return;
  }
  if (!answer.ok && answer.status !== 304) {
    failed(answer.status);
    return;
  }
  failures = 0;
  const at = answer.headers.get("Paddock-At");
  offset = new Date(at).getTime() - performance.now();
  lastHeard = now();
  if (data) {
    etag = answer.headers.get("ETag") ?? "";
    show(data);
  }
  tick();
  again(Number(seconds));
};

/* --- What a reader may change ----------------------------------------------------------------- */

const themeSwitch = find("theme-switch");
const isDark = () =>
  (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) ===
  "dark";
const nameTheme = () => put(themeSwitch, isDark() ? words.light : words.dark);

themeSwitch.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("paddock-screen-theme", root.dataset.theme);
  } catch {
    // It then holds until the page is left.
  }
  nameTheme();
  chart.redress();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  nameTheme();
  chart.redress();
});

const tableSwitch = find("table-switch");
tableSwitch.addEventListener("click", () => {
  const on = tableSwitch.getAttribute("aria-pressed") !== "true";
  tableSwitch.setAttribute("aria-pressed", String(on));
  chart.asTable(on);
});

addEventListener("resize", () => chart.redress());
addEventListener("online", ask);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    ask();
  }
});

nameTheme();
setInterval(tick, 1000);
ask();
