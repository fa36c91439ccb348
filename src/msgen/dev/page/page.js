const POLL_MS = 1000;
const SHOWN = 2000;
const CORRELATION = "labels.correlation_id";
const HIDDEN = new Set(["@timestamp", "ecs.version", "log.level", "message", "service.name", CORRELATION]);

export const element = (id) => document.getElementById(id);
const lines = [];
let last = 0;

/** Create an element with text, which is never read as HTML. */
export function create(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function link(text, url) {
  const made = create("a", text);
  made.href = url;
  return made;
}

function showState({ name, ready, parts, pages }) {
  element("name").textContent = name;
  document.title = `${name}: msgen dev`;
  const crashed = parts.filter((part) => part.status === "crashed").length;
  element("summary").textContent = crashed ? `${crashed} crashed` : ready ? "ready" : "starting";
  element("pages").replaceChildren(...Object.entries(pages).map(([title, url]) => link(title, url)));
  element("parts").replaceChildren(...parts.map(row));
  const known = new Set([...element("part").options].map((option) => option.value));
  for (const name of ["msgen", ...parts.map((part) => part.name)]) {
    if (!known.has(name)) element("part").append(new Option(name, name));
  }
}

function row(part) {
  const made = document.createElement("tr");
  const status = part.starts > 1 ? `${part.status} (${part.starts} starts)` : part.status;
  const since = part.since ? new Date(part.since * 1000).toLocaleTimeString() : "";
  const links = document.createElement("td");
  for (const [title, url] of Object.entries(part.links)) links.append(link(title, url), " ");
  made.append(
    create("td", part.name),
    create("td", status, part.status),
    create("td", since),
    create("td", part.port || ""),
    links,
  );
  return made;
}

function matches(line) {
  const search = element("search").value.toLowerCase();
  const correlation = element("correlation").value.trim();
  const part = element("part").value;
  return (
    (!part || line.part === part) &&
    (!search || line.text.toLowerCase().includes(search)) &&
    (!correlation || line.fields[CORRELATION] === correlation)
  );
}

function item(line) {
  const made = document.createElement("li");
  const { fields } = line;
  const level = String(fields["log.level"] ?? "");
  made.append(
    `${new Date(line.time * 1000).toLocaleTimeString()} `,
    create("span", `${line.part} `, "part"),
    create("span", fields.message ? `${level} ${fields.message} ` : line.text, level),
  );
  if (!fields.message) return made;
  const rest = Object.entries(fields).filter(([key, value]) => !HIDDEN.has(key) && value !== null && value !== "");
  made.append(create("span", `${rest.map(([key, value]) => `${key}=${value}`).join(" ")} `, "rest"));
  const id = fields[CORRELATION];
  if (id) {
    const button = create("button", id);
    button.type = "button";
    button.title = "Show only this correlation id";
    button.addEventListener("click", () => {
      element("correlation").value = id;
      showLines();
    });
    made.append(button);
  }
  return made;
}

function showLines() {
  element("lines").replaceChildren(...lines.filter(matches).slice(-SHOWN).map(item));
  follow();
}

function addLines(added) {
  if (!added.length) return;
  last = added.at(-1).number;
  lines.push(...added);
  lines.splice(0, lines.length - 2 * SHOWN);
  const list = element("lines");
  list.append(...added.filter(matches).map(item));
  while (list.childElementCount > SHOWN) list.firstElementChild.remove();
  follow();
}

function follow() {
  if (element("follow").checked) element("lines").scrollTop = element("lines").scrollHeight;
}

async function poll() {
  try {
    const answer = await fetch(`api/state?after=${last}`);
    const { state, lines: added } = await answer.json();
    showState(state);
    addLines(added);
  } catch {
    element("summary").textContent = "msgen dev has stopped";
  }
  setTimeout(poll, POLL_MS);
}

for (const id of ["part", "search", "correlation"]) element(id).addEventListener("input", showLines);
element("filter").addEventListener("submit", (event) => event.preventDefault());
poll();
