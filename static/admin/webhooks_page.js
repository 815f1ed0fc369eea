// The webhooks: adding, switching, testing and removing them.
import { api } from "./api.js";

export function webhooksPage() {
  return {
    webhooks: [],
    loaded: false,
    busy: false,
    error: "",
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
      return this.act(async () => {
        const made = await api("/api/webhooks", { method: "POST", json });
        event.target.reset();
        this.show(made.secret);
      });
    },

    enable(id, event) {
      const json = { enabled: event.target.checked };
      return this.act(async () => {
        await api(`/api/webhooks/${id}`, { method: "PATCH", json });
        this.news = json.enabled ? "The webhook is on." : "The webhook is off.";
      });
    },

    test(id) {
      return this.act(async () => {
        await api(`/api/webhooks/${id}/test`, { method: "POST" });
        this.news = "A test is on its way.";
        this.$dispatch("webhook-sent", { id });
      });
    },

    renew(id) {
      return this.act(async () => this.show((await api(`/api/webhooks/${id}/secret`, { method: "POST" })).secret));
    },

    show(secret) {
      this.secret = secret;
      this.copied = "";
      this.$refs.secret.showModal();
    },

    // Browsers give the clipboard to secure pages alone; elsewhere the old way still works.
    async copy() {
      this.$refs.secretField.select();
      try {
        if (navigator.clipboard) await navigator.clipboard.writeText(this.secret);
        else document.execCommand("copy");
        this.copied = "Copied";
      } catch {
        this.copied = "It is marked now: copy it with your keyboard.";
      }
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
      return this.act(async () => {
        await api(`/api/webhooks/${this.doomed}`, { method: "DELETE" });
        this.news = "The webhook was removed.";
      });
    },

    async act(what) {
      this.busy = true;
      this.error = "";
      try {
        await what();
      } catch (error) {
        this.error = error.message;
      }
      this.busy = false;
      await this.refresh();
    },
  };
}
