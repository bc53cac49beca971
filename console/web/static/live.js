// The live list: new rows on top, known ones replaced in their place, at most 200; held while somebody reads.
import { elements, script } from "./trusted.js";
import { showTimes } from "./times.js";
import { Streams } from "./stream.js";

const MOST = 200;
const ALIVE = 10000;

let port = null;
let isHeld = false;
let waiting = new Map();
let missed = 0;

const list = () => document.getElementById("rows");

function connect() {
  if (port) return port;
  if (window.SharedWorker) {
    const worker = new SharedWorker(script("stream.js"), { type: "module", name: "vedette" });
    port = worker.port;
    port.onmessage = ({ data }) => receive(data);
  } else {
    const streams = new Streams();
    const tab = { postMessage: receive };
    port = {
      postMessage: (data) => {
        if (data.do === "show") streams.show(tab, data);
        else if (data.do === "hide") streams.hide(tab);
      },
    };
  }
  setInterval(() => port.postMessage({ do: "alive" }), ALIVE);
  return port;
}

function state(name, text) {
  const sign = document.getElementById("live");
  if (!sign) return;
  sign.dataset.state = name;
  sign.textContent = text;
}

function bar(text) {
  const element = document.getElementById("bar");
  element.textContent = text;
  element.hidden = text === "";
  for (const button of document.querySelectorAll("form[method=post] button:not([data-switch])")) button.disabled = text !== "";
}

function receive(message) {
  const since = message.since ? new Date(message.since).toLocaleTimeString() : "";
  const answers = {
    on: () => {
      state("on", isHeld ? "held" : "live");
      bar("");
    },
    off: () => {
      state("away", "connecting again");
      bar("The console does not answer: what is shown here may be out of date.");
    },
    bye: () => {
      state("away", "stopped");
      bar("The console was stopped: what is shown here may be out of date.");
    },
    away: () => {
      state("away", "Redis is away");
      bar(`Redis has not answered since ${since}: what is shown here is from before, and orders are off.`);
    },
    back: () => {
      state("on", "live");
      bar("");
    },
    "signed-out": () => bar("You are signed out: reload the page to sign in again."),
    reload: () => location.reload(),
    stats: () => stats(message.html),
    rows: () => rows(message),
  };
  answers[message.event]?.();
}

function stats(html) {
  const strip = document.getElementById("stats");
  if (!strip) return;
  const focused = strip.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  strip.replaceChildren(elements(html));
  if (focused) [...strip.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
  showCounts();
}

export function showCounts() {
  for (const tile of document.querySelectorAll("[data-counts]"))
    for (const count of document.querySelectorAll(`.count[data-count="${tile.dataset.counts}"]`))
      count.textContent = tile.dataset.value === "0" ? "" : tile.dataset.value;
}

function isReading() {
  return isHeld || scrollY > 240 || list().contains(document.activeElement);
}

function rows({ rows: found, more, place }) {
  const known = list();
  if (!known) return;
  known.dataset.place = place;
  missed += more;
  for (const [id, html] of found) {
    const old = known.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (old) patch(old, html);
    else if (isReading()) waiting.set(id, html);
    else insert(html);
  }
  while (waiting.size > MOST) {
    waiting.delete(waiting.keys().next().value);
    missed += 1;
  }
  trim();
  showWaiting();
}

function patch(old, html) {
  const fresh = elements(html).firstElementChild;
  const focused = old.contains(document.activeElement) ? document.activeElement.className : null;
  fresh.classList.toggle("chosen", old.classList.contains("chosen"));
  showTimes(fresh);
  old.replaceWith(fresh);
  if (focused) [...fresh.querySelectorAll("a, button")].find((one) => one.className === focused)?.focus();
}

function insert(html) {
  const fresh = elements(html).firstElementChild;
  showTimes(fresh);
  list().prepend(fresh);
  document.getElementById("nothing").hidden = true;
}

function trim() {
  const known = list();
  while (known.children.length > MOST) known.lastElementChild.remove();
}

function showWaiting() {
  const button = document.getElementById("more");
  button.hidden = waiting.size === 0;
  button.textContent = `${waiting.size} new${missed ? `, and ${missed} not shown` : ""}`;
}

function release() {
  for (const html of waiting.values()) insert(html);
  waiting = new Map();
  missed = 0;
  trim();
  showWaiting();
}

function begin() {
  const known = list();
  if (!known?.dataset.stream) return port?.postMessage({ do: "hide" });
  connect().postMessage({
    do: "show",
    view: known.dataset.view,
    place: known.dataset.place,
    url: new URL(known.dataset.stream, location.href).href,
  });
  const hold = document.getElementById("hold");
  hold.addEventListener("click", () => {
    isHeld = !isHeld;
    hold.setAttribute("aria-pressed", isHeld);
    state("on", isHeld ? "held" : "live");
    if (!isHeld) release();
  });
  document.getElementById("more").addEventListener("click", () => {
    scrollTo({ top: 0 });
    release();
    known.querySelector("a.what")?.blur();
  });
}

export function startLive() {
  showCounts();
  begin();
  document.addEventListener("vedette:swapped", () => {
    waiting = new Map();
    missed = 0;
    isHeld = false;
    begin();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) port?.postMessage({ do: "hide" });
    else if (list()?.dataset.stream)
      port?.postMessage({
        do: "show",
        view: list().dataset.view,
        place: list().dataset.place,
        url: new URL(list().dataset.stream, location.href).href,
      });
  });
  addEventListener("pagehide", () => port?.postMessage({ do: "hide" }));
}
