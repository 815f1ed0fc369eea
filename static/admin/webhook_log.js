// What was sent to one webhook, and what is on its way.
import { calendarDay, timeOfDay } from "../site/format.js";
import { acting } from "./acting.js";
import { api } from "./api.js";
import { follow } from "./live.js";

const WORDS = { waiting: "Waiting", delivered: "Delivered", failed: "Failed" };
const KINDS = { waiting: "processing", delivered: "ready", failed: "failed" };

export function webhookLog() {
  return {
    ...acting(),
    path: "",
    deliveries: [],
    loaded: false,
    more: "",
    reached: false,

    init() {
      // `hook` is the webhook that the list shows here.
      this.path = `/api/webhooks/${this.hook.id}/deliveries`;
      this.unfollow = follow(({ kind }) => kind === "webhooks", () => this.refresh());
      this.refresh();
    },

    destroy() {
      this.unfollow();
    },

    get isEmpty() {
      return this.loaded && this.deliveries.length === 0;
    },

    sent(event) {
      if (event.detail.id === this.hook.id) this.refresh();
    },

    async refresh() {
      try {
        const page = await api(`${this.path}?limit=10`);
        const newest = page.deliveries.map(deliveryView);
        // What was asked for below them stays.
        const last = newest.at(-1)?.id ?? 0;
        this.deliveries = [...newest, ...(this.reached ? this.deliveries.filter(({ id }) => id < last) : [])];
        if (!this.reached) this.more = page.next_cursor ?? "";
        this.loaded = true;
      } catch (error) {
        this.error = error.message;
      }
    },

    async older() {
      await this.act(async () => {
        this.reached = true;
        const page = await api(`${this.path}?limit=25&cursor=${encodeURIComponent(this.more)}`);
        this.deliveries = [...this.deliveries, ...page.deliveries.map(deliveryView)];
        this.more = page.next_cursor ?? "";
      });
    },

    async replay(id) {
      await this.act(() => api(`${this.path}/${id}/replay`, { method: "POST" }));
      await this.refresh();
    },
  };
}

function deliveryView(delivery) {
  const at = moment(delivery.attempted_at ?? delivery.created_at);
  const facts = [at];
  if (delivery.status) facts.push(`status ${delivery.status}`);
  if (delivery.latency !== null) facts.push(`${Math.round(delivery.latency * 1000)} ms`);
  if (delivery.attempt > 1) facts.push(`attempt ${delivery.attempt} of ${delivery.max_attempts}`);
  const again = delivery.next_attempt_at && delivery.attempt > 0;
  return {
    ...delivery,
    word: WORDS[delivery.state],
    status_kind: KINDS[delivery.state],
    facts: facts.join(" · "),
    next: again ? `It is tried again on ${moment(delivery.next_attempt_at)}.` : "",
    pretty: JSON.stringify(JSON.parse(delivery.payload), null, 2),
    replayLabel: `Send again: ${delivery.event} of ${at}`,
  };
}

function moment(text) {
  return `${calendarDay(text)}, ${timeOfDay(text)}`;
}
