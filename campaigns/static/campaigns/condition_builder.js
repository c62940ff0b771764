// The condition builder: rows of choices in place of the text area, which keeps the tree as JSON.
// Without a script the text area stays, so nothing is lost.
"use strict";

(function () {
  const GROUPS = ["all", "any", "not", "at_least"];

  function text(key) {
    const holder = document.documentElement.lang.startsWith("zh") ? ZH : EN;
    return holder[key];
  }
  const EN = {
    all: "all of these hold", any: "at least one holds", not: "this does not hold",
    at_least: "at least this many hold", add: "Add a comparison", group: "Add a group",
    remove: "Remove", value: "value", metric: "another metric", list: "list", table: "table",
    times: "times", empty: "No condition: it always applies.", start: "Add a condition",
    yes: "yes", no: "no", none: "one a comma", problem: "Cannot be saved like this:",
  };
  const ZH = {
    all: "全部满足", any: "满足任一", not: "不满足", at_least: "至少满足几项",
    add: "添加比较", group: "添加条件组", remove: "删除", value: "值", metric: "另一指标",
    list: "列表", table: "参数表", times: "乘以", empty: "无条件：始终适用。", start: "添加条件",
    yes: "是", no: "否", none: "用逗号分隔", problem: "目前不能保存：",
  };

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onchange" || name === "onclick" || name === "oninput") {
        node.addEventListener(name.slice(2), value);
      } else if (value !== false && value !== null && value !== undefined) {
        node.setAttribute(name, value === true ? "" : value);
      }
    }
    for (const child of children) {
      node.append(child);
    }
    return node;
  }

  function select(choices, chosen, label, change) {
    const node = element("select", { "aria-label": label, onchange: () => change(node.value) });
    for (const [value, words] of choices) {
      const option = element("option", { value }, words);
      option.selected = value === chosen;
      node.append(option);
    }
    return node;
  }

  class Builder {
    constructor(holder) {
      this.holder = holder;
      this.area = holder.querySelector("textarea");
      this.words = JSON.parse(document.getElementById(holder.dataset.vocabulary).textContent);
      this.metrics = new Map(this.words.metrics.map((metric) => [metric.code, metric]));
      this.tree = this.read();
      if (this.tree === undefined || this.words.metrics === undefined) {
        return;
      }
      this.area.hidden = true;
      this.board = element("div", { class: "paddock-builder" });
      this.said = element("div", { class: "paddock-said", "aria-live": "polite" });
      holder.append(this.board, this.said);
      this.draw();
    }

    read() {
      if (!this.area.value.trim()) {
        return null;
      }
      try {
        return JSON.parse(this.area.value);
      } catch (error) {
        return undefined;
      }
    }

    changed() {
      this.area.value = this.tree === null ? "" : JSON.stringify(this.tree);
      this.draw();
    }

    draw() {
      this.board.replaceChildren(
        this.tree === null ? this.nothing() : this.node(this.tree, (tree) => { this.tree = tree; this.changed(); })
      );
      this.say();
    }

    nothing() {
      return element("p", {}, text("empty"), " ", element("button", {
        type: "button",
        onclick: () => { this.tree = this.fresh(); this.changed(); },
      }, text("start")));
    }

    fresh() {
      const metric = this.words.metrics[0];
      return [metric.code, metric.operators[0], this.initial(metric)];
    }

    initial(metric) {
      if (metric.type === "boolean") {
        return true;
      }
      return metric.choices.length ? metric.choices[0] : metric.numeric ? 0 : "";
    }

    kind(tree) {
      return Array.isArray(tree) ? "comparison" : GROUPS.find((name) => name in tree);
    }

    node(tree, replace) {
      return this.kind(tree) === "comparison" ? this.comparison(tree, replace) : this.group(tree, replace);
    }

    group(tree, replace) {
      const kind = this.kind(tree);
      const parts = kind === "not" ? [tree.not] : kind === "at_least" ? tree.of : tree[kind];
      const rebuild = (name, rows) => {
        if (rows.length === 0) {
          return null;
        }
        if (name === "not") {
          return { not: rows.length === 1 ? rows[0] : { all: rows } };
        }
        if (name === "at_least") {
          return { at_least: Math.min(tree.at_least || 1, rows.length), of: rows };
        }
        return { [name]: rows };
      };
      const box = element("fieldset", { class: "paddock-group" });
      const legend = element("legend", {}, select(
        GROUPS.map((name) => [name, text(name)]), kind, text("group"),
        (name) => replace(rebuild(name, parts))
      ));
      if (kind === "at_least") {
        const count = element("input", {
          type: "number", min: 1, max: parts.length, value: tree.at_least, "aria-label": text("at_least"),
          onchange: () => replace({ at_least: Math.max(1, Math.min(parts.length, Number(count.value) || 1)), of: parts }),
        });
        legend.append(count);
      }
      box.append(legend);
      parts.forEach((part, i) => {
        const row = this.node(part, (next) => {
          const rows = parts.slice();
          if (next === null) {
            rows.splice(i, 1);
          } else {
            rows[i] = next;
          }
          replace(rebuild(kind, rows));
        });
        box.append(row);
      });
      const buttons = element("div", { class: "paddock-builder-buttons" });
      if (kind !== "not") {
        buttons.append(
          element("button", { type: "button", onclick: () => replace(rebuild(kind, [...parts, this.fresh()])) }, text("add")),
          element("button", { type: "button", onclick: () => replace(rebuild(kind, [...parts, { any: [this.fresh()] }])) }, text("group"))
        );
      }
      buttons.append(element("button", { type: "button", onclick: () => replace(null) }, text("remove")));
      box.append(buttons);
      return box;
    }

    comparison(tree, replace) {
      const [code, operator] = tree;
      const metric = this.metrics.get(code) || { code, label: code, operators: [operator], choices: [], unit: "", numeric: false };
      const metrics = this.words.metrics.map((one) => [one.code, one.label === one.code ? one.code : `${one.label} (${one.code})`]);
      if (!this.metrics.has(code)) {
        metrics.unshift([code, code]);
      }
      const row = element("div", { class: "paddock-comparison" });
      row.append(
        select(metrics, code, text("metric"), (next) => {
          const chosen = this.metrics.get(next);
          replace([next, chosen.operators[0], this.initial(chosen)]);
        }),
        select(metric.operators.map((name) => [name, this.words.operators[name] || name]), operator, text("value"), (name) => {
          if (this.words.without_value.includes(name)) {
            replace([code, name]);
          } else if (name === "in" || name === "not_in") {
            replace([code, name, Array.isArray(tree[2]) || (tree[2] && tree[2].list) ? tree[2] : []]);
          } else {
            const keep = tree.length === 3 && !Array.isArray(tree[2]) && !(tree[2] && tree[2].list);
            replace([code, name, keep ? tree[2] : this.initial(metric)]);
          }
        })
      );
      if (!this.words.without_value.includes(operator)) {
        row.append(...this.value(metric, operator, tree[2], (value) => replace([code, operator, value])));
      }
      row.append(
        element("button", { type: "button", onclick: () => replace({ all: [tree, this.fresh()] }) }, text("group")),
        element("button", { type: "button", onclick: () => replace(null) }, text("remove"))
      );
      return row;
    }

    value(metric, operator, value, replace) {
      const many = operator === "in" || operator === "not_in";
      const kinds = [["value", text("value")]];
      if (many && this.words.lists.length) {
        kinds.push(["list", text("list")]);
      }
      if (!many && !this.words.values_only && metric.type !== "set" && metric.type !== "boolean") {
        kinds.push(["metric", text("metric")]);
        if (this.words.tables.length) {
          kinds.push(["table", text("table")]);
        }
      }
      const plain = value === null || typeof value !== "object" || Array.isArray(value);
      const kind = plain ? "value" : ["list", "metric", "table"].find((name) => name in value);
      const nodes = [];
      if (kinds.length > 1) {
        nodes.push(select(kinds, kind, text("value"), (name) => {
          if (name === "list") {
            replace({ list: this.words.lists[0] });
          } else if (name === "table") {
            replace({ table: this.words.tables[0].code });
          } else if (name === "metric") {
            replace({ metric: metric.code });
          } else {
            replace(many ? [] : this.initial(metric));
          }
        }));
      }
      if (kind === "list") {
        nodes.push(select(this.words.lists.map((name) => [name, name]), value.list, text("list"), (name) => replace({ list: name })));
      } else if (kind === "table") {
        nodes.push(select(this.words.tables.map((one) => [one.code, one.label]), value.table, text("table"), (name) => replace({ table: name })));
      } else if (kind === "metric") {
        const others = this.words.metrics.filter((one) => one.numeric === metric.numeric).map((one) => [one.code, `${one.label} (${one.code})`]);
        nodes.push(select(others, value.metric, text("metric"), (name) => replace({ ...value, metric: name })));
        if (metric.numeric) {
          const factor = element("input", {
            type: "text", inputmode: "decimal", size: 5, value: value.times || "1", "aria-label": text("times"),
            onchange: () => replace(factor.value.trim() === "1" || !factor.value.trim() ? { metric: value.metric } : { metric: value.metric, times: factor.value.trim() }),
          });
          nodes.push("×", factor);
        }
      } else if (many) {
        const input = element("input", {
          type: "text", value: (value || []).join(", "), placeholder: text("none"), "aria-label": text("value"),
          onchange: () => replace(input.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean)),
        });
        nodes.push(input);
      } else if (metric.type === "boolean") {
        nodes.push(select([["true", text("yes")], ["false", text("no")]], String(value), text("value"), (name) => replace(name === "true")));
      } else if (metric.choices.length) {
        nodes.push(select(metric.choices.map((name) => [name, name]), value, text("value"), replace));
      } else {
        const input = element("input", {
          type: "text", inputmode: metric.numeric ? "decimal" : "text", value: value === null || value === undefined ? "" : value,
          "aria-label": text("value"),
          onchange: () => {
            const typed = input.value.trim();
            replace(metric.numeric && /^-?\d+$/.test(typed) ? Number(typed) : typed);
          },
        });
        nodes.push(input);
        if (metric.unit) {
          nodes.push(element("span", {}, metric.unit));
        }
      }
      return nodes;
    }

    say() {
      const form = this.area.form;
      const version = form && form.elements.version ? form.elements.version.value : "";
      if (this.tree === null || !version || this.words.values_only) {
        this.said.replaceChildren();
        return;
      }
      const body = new FormData();
      body.append("condition", JSON.stringify(this.tree));
      body.append("subject", form.elements.subject ? form.elements.subject.value : "entry");
      const address = this.holder.dataset.sentence.replace("/0/", `/${version}/`);
      const token = form.elements.csrfmiddlewaretoken.value;
      clearTimeout(this.later);
      this.later = setTimeout(() => {
        fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token } })
          .then((response) => response.json())
          .then((found) => {
            this.said.replaceChildren(...Object.values(found.sentences).map((words) => element("p", {}, words)));
            if (found.problems.length) {
              this.said.append(element("p", { class: "paddock-problem" }, text("problem"), " ", found.problems.join("; ")));
            }
          })
          .catch(() => this.said.replaceChildren());
      }, 250);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const holder of document.querySelectorAll("[data-condition]")) {
      new Builder(holder);
    }
  });
})();
