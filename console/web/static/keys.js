// Keyboard: / finds, g and a letter go to a page, j and k move, Enter opens, ? lists the keys.
let chosen = -1;
let prefixKey = "";

const rows = () => [...document.querySelectorAll(".row, .history > li, tbody tr")].filter((row) => row.querySelector("a"));

function choose(step) {
  const found = rows();
  if (found.length === 0) return;
  const current = found.findIndex((row) => row.contains(document.activeElement));
  chosen = Math.min(found.length - 1, Math.max(0, (current < 0 ? (step > 0 ? -1 : found.length) : current) + step));
  found.forEach((row, place) => row.classList.toggle("chosen", place === chosen));
  const link = found[chosen].querySelector("a.what") ?? found[chosen].querySelector("a");
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

function help() {
  const old = document.getElementById("keys");
  if (old) return old.showModal();
  const dialog = document.createElement("dialog");
  dialog.id = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keys";
  const list = document.createElement("dl");
  list.className = "facts";
  const add = (key, meaning) => {
    const term = document.createElement("dt");
    const sign = document.createElement("kbd");
    sign.textContent = key;
    term.append(sign);
    const text = document.createElement("dd");
    text.textContent = meaning;
    list.append(term, text);
  };
  add("/", "find an issue, a delivery, a Request-ID or a handler");
  add("j k", "the next and the previous row");
  add("Enter", "open the row");
  add("Space", "hold the live list, and let it go on");
  for (const link of document.querySelectorAll("[data-keys]")) add(link.dataset.keys, link.firstChild.textContent.trim());
  add("?", "this list");
  add("Esc", "close it");
  const close = document.createElement("button");
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.getElementById("search")?.select();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (prefixKey === "g") {
      prefixKey = "";
      const link = document.querySelector(`[data-keys="g ${CSS.escape(event.key)}"]`);
      if (link) location.assign(link.href);
      return;
    }
    const steps = { j: 1, k: -1 };
    if (event.key === "/") document.getElementById("search")?.select();
    else if (event.key === "?") help();
    else if (event.key === "g") prefixKey = "g";
    else if (event.key in steps) choose(steps[event.key]);
    else if (event.key === " " && !target.matches("button, a, summary") && document.getElementById("hold"))
      document.getElementById("hold").click();
    else return;
    event.preventDefault();
  });
}
