// The one stream of news for all of a page. Who listens is told that something has changed, and
// asks for what it is now.
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
// Work on a video changes several times in a second; nobody needs to see each of them.
const PAUSE_MS = 1000;

class Live {
  constructor() {
    this.listeners = new Set();
    this.last = document.querySelector("meta[name=events-after]")?.content ?? "";
    this.retry = FIRST_RETRY_MS;
    // A browser has six connections to one address: pages that nobody sees must not hold them.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", () => this.open());
    this.open();
  }

  open() {
    if (this.source || document.hidden) return;
    clearTimeout(this.timer);
    const source = new EventSource(`/api/events?${new URLSearchParams({ after: this.last })}`);
    this.source = source;
    source.addEventListener("open", () => (this.retry = FIRST_RETRY_MS));
    source.addEventListener("message", (event) => this.hear(event));
    // The browser tries again by itself after a cut, but not after an answer that is no stream.
    source.addEventListener("error", () => source.readyState === EventSource.CLOSED && this.openLater());
  }

  openLater() {
    this.close();
    this.timer = setTimeout(() => this.open(), this.retry);
    this.retry = Math.min(LAST_RETRY_MS, this.retry * 2);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  hear({ lastEventId, data }) {
    this.last = lastEventId;
    const change = JSON.parse(data);
    for (const listener of this.listeners) listener(change);
  }
}

let live = null;

// Calls `act` with the changes that `wants` says yes to, those of a second together and never while
// it is still at work. A reset is always among what is wanted: anything may have changed. Returns
// how to end it.
export function follow(wants, act) {
  live ??= new Live();
  let waiting = [];
  let busy = false;

  async function deliver() {
    busy = true;
    while (waiting.length) {
      const changes = waiting;
      waiting = [];
      await Promise.allSettled([act(changes), new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
    }
    busy = false;
  }

  function listener(change) {
    if (change.kind !== "reset" && !wants(change)) return;
    waiting.push(change);
    if (!busy) deliver();
  }

  live.listeners.add(listener);
  return () => {
    live.listeners.delete(listener);
    waiting = [];
  };
}
