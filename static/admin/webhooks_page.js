// The webhooks: adding, switching, testing and removing them.
import { copyText } from "../site/copy.js";
import { acting } from "./acting.js";
import { api } from "./api.js";

export function webhooksPage() {
  return {
    ...acting(),
    webhooks: [],
    loaded: false,
    news: "",
    secret: "",
    copied: "",
    doomed: 0,
    doomedUrl: "",

    init() {
      this.refresh();
    },

    get isEmpty() {
      return this.loaded && this.webhooks.length === 0;
    },

    async refresh() {
      try {
        this.webhooks = (await api("/api/webhooks")).webhooks;
        this.loaded = true;
      } catch (error) {
        this.error = error.message;
      }
    },

    add(event) {
      const form = new FormData(event.target);
      const json = { url: form.get("url").trim(), note: form.get("note").trim(), events: form.getAll("events") };
      return this.change(async () => {
        const made = await api("/api/webhooks", { method: "POST", json });
        event.target.reset();
        this.show(made.secret);
      });
    },

    enable(id, event) {
      const json = { enabled: event.target.checked };
      return this.change(async () => {
        await api(`/api/webhooks/${id}`, { method: "PATCH", json });
        this.news = json.enabled ? "The webhook is on." : "The webhook is off.";
      });
    },

    test(id) {
      return this.change(async () => {
        await api(`/api/webhooks/${id}/test`, { method: "POST" });
        this.news = "A test is on its way.";
        this.$dispatch("webhook-sent", { id });
      });
    },

    renew(id) {
      return this.change(async () => this.show((await api(`/api/webhooks/${id}/secret`, { method: "POST" })).secret));
    },

    show(secret) {
      this.secret = secret;
      this.copied = "";
      this.$refs.secret.showModal();
    },

    async copy() {
      this.$refs.secretField.select();
      this.copied = (await copyText(this.secret)) ? "Copied" : "It is marked now: copy it with your keyboard.";
    },

    done() {
      this.secret = "";
      this.$refs.secret.close();
    },

    ask(id) {
      this.doomed = id;
      this.doomedUrl = this.webhooks.find((hook) => hook.id === id).url;
      this.$refs.removal.showModal();
    },

    keep() {
      this.$refs.removal.close();
    },

    remove() {
      this.$refs.removal.close();
      return this.change(async () => {
        await api(`/api/webhooks/${this.doomed}`, { method: "DELETE" });
        this.news = "The webhook was removed.";
      });
    },

    async change(what) {
      await this.act(what);
      await this.refresh();
    },
  };
}
