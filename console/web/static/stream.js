// A SharedWorker: one stream for all tabs of this browser, since HTTP/1.1 gives a site six connections.
// Tabs without a SharedWorker import the same class and have a stream each while they are visible.
const SILENCE = 30000;
const AGAIN = 5000;

export class Streams {
  constructor() {
    this.tabs = new Map();
    this.source = null;
    this.views = [];
    this.url = "";
    this.timer = null;
  }

  // A tab shows a view from a place of the journal on.
  show(tab, { view, place, url }) {
    this.url = url;
    const known = this.tabs.get(tab);
    this.tabs.set(tab, { ...known, view, place, seen: Date.now() });
    this.open();
  }

  hide(tab) {
    if (this.tabs.delete(tab) && this.tabs.size === 0) this.close();
  }

  alive(tab) {
    const known = this.tabs.get(tab);
    if (known) known.seen = Date.now();
    for (const [other, { seen }] of this.tabs) if (Date.now() - seen > SILENCE) this.hide(other);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  open() {
    this.close();
    const shown = [...this.tabs.values()];
    if (shown.length === 0) return;
    this.views = [...new Set(shown.map((tab) => tab.view))];
    const oldest = shown.map((tab) => tab.place).reduce((one, other) => (older(other, one) ? other : one));
    const query = new URLSearchParams(this.views.map((view) => ["view", view]));
    query.set("after", oldest);
    const source = new EventSource(`${this.url}?${query}`);
    this.source = source;
    source.onopen = () => this.tell({ event: "on" });
    source.onerror = () => {
      this.tell({ event: "off" });
      // The browser connects again by itself, unless the answer was an error.
      if (source.readyState === EventSource.CLOSED) this.timer = setTimeout(() => this.open(), AGAIN);
    };
    for (const name of ["hello", "stats", "away", "back", "reload", "bye", "signed-out"])
      source.addEventListener(name, (event) => this.tell({ event: name, ...JSON.parse(event.data) }));
    source.addEventListener("signed-out", () => this.close());
    source.addEventListener("rows", (event) => this.spread(JSON.parse(event.data), event.lastEventId));
  }

  spread({ rows, views, more }, place) {
    for (const [tab, known] of this.tabs) {
      const index = this.views.indexOf(known.view);
      known.place = place;
      if (index < 0 || (views[index].length === 0 && more[index] === 0)) continue;
      tab.postMessage({ event: "rows", rows: views[index].map((id) => [id, rows[id]]), more: more[index], place });
    }
  }

  tell(message) {
    for (const tab of this.tabs.keys()) tab.postMessage(message);
  }
}

function older(one, other) {
  const [first, second] = one.split("-").map(Number);
  const [third, fourth] = other.split("-").map(Number);
  return first < third || (first === third && (second || 0) < (fourth || 0));
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const streams = new Streams();
  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => {
      if (data.do === "show") streams.show(port, data);
      else if (data.do === "hide") streams.hide(port);
      else streams.alive(port);
    };
  };
}
