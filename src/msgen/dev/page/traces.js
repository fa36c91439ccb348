import { create, element } from "./page.js";

const POLL_MS = 2000;
const DETAILS = ["http.request.method", "http.response.status_code", "http.status_code", "url.path", "db.statement"];

const views = ["logs", "traces"];
let shown = "";

function show(view) {
  for (const name of views) {
    const tab = element(`${name}-tab`);
    tab.setAttribute("aria-selected", String(name === view));
    tab.tabIndex = name === view ? 0 : -1;
    element(name).hidden = name !== view;
  }
  history.replaceState(null, "", `#${view}`);
}

const duration = (seconds) => (seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`);

function row(trace) {
  const made = document.createElement("tr");
  const name = document.createElement("td");
  const button = create("button", `${trace.part}: ${trace.name}`, trace.failed ? "error" : "");
  button.type = "button";
  button.setAttribute("aria-pressed", String(trace.id === shown));
  button.addEventListener("click", () => showSpans(trace.id));
  name.append(button);
  made.append(
    create("td", new Date(trace.start * 1000).toLocaleTimeString()),
    name,
    create("td", duration(trace.seconds)),
    create("td", trace.spans),
  );
  return made;
}

function bar(span, start, whole, depth) {
  const made = document.createElement("li");
  const details = DETAILS.filter((key) => key in span.attributes).map((key) => span.attributes[key]);
  const label = create("span", `${span.part}: ${span.name}`, span.failed ? "error" : "");
  label.style.paddingInlineStart = `${depth}rem`;
  label.title = details.join(" ");
  const track = create("span", "", "track");
  const line = create("span", "", span.failed ? "bar failed" : "bar");
  line.style.marginInlineStart = `${(100 * (span.start - start)) / whole}%`;
  line.style.width = `${Math.max(0.3, (100 * span.seconds) / whole)}%`;
  track.append(line);
  made.append(label, track, create("span", duration(span.seconds), "rest"));
  return made;
}

async function showSpans(id) {
  shown = id;
  const spans = await (await fetch(`api/traces/${id}`)).json();
  const start = Math.min(...spans.map((span) => span.start));
  const whole = Math.max(...spans.map((span) => span.start + span.seconds)) - start || 1;
  const depths = new Map();
  const bars = spans.map((span) => {
    const depth = depths.has(span.parent) ? depths.get(span.parent) + 1 : 0;
    depths.set(span.id, depth);
    return bar(span, start, whole, depth);
  });
  element("waterfall").replaceChildren(...bars);
}

async function poll() {
  try {
    if (!element("traces").hidden) {
      const traces = await (await fetch("api/traces")).json();
      const focused = [...element("recent").children].indexOf(document.activeElement?.closest("tr"));
      element("recent").replaceChildren(...traces.map(row));
      if (focused >= 0) element("recent").children[focused]?.querySelector("button").focus();
      element("no-traces").hidden = traces.length > 0;
    }
  } finally {
    setTimeout(poll, POLL_MS);
  }
}

for (const view of views) {
  const tab = element(`${view}-tab`);
  tab.addEventListener("click", () => show(view));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = views[(views.indexOf(view) + step + views.length) % views.length];
    show(next);
    element(`${next}-tab`).focus();
  });
}
if (views.includes(location.hash.slice(1))) show(location.hash.slice(1));
poll();
