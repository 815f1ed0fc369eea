// The links that show one video to who has them: making, copying and revoking.
import { copyText } from "../site/copy.js";
import { moment } from "../site/format.js";
import { acting } from "./acting.js";
import { api } from "./api.js";

const DAY_MS = 86_400_000;

export function shareLinks() {
  return {
    ...acting(),
    path: "",
    links: [],
    days: "7",
    note: "",
    news: "",

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}/share-links`;
      this.refresh();
    },

    async refresh() {
      try {
        const { share_links: links } = await api(this.path);
        this.links = links.map(linkView);
      } catch (error) {
        this.error = error.message;
      }
    },

    async make() {
      const expires = new Date(Date.now() + Number(this.days) * DAY_MS).toISOString();
      await this.change(async () => {
        await api(this.path, { method: "POST", json: { note: this.note.trim(), expires_at: expires } });
        this.note = "";
        this.news = "The link is made.";
      });
    },

    revoke(id) {
      return this.change(async () => {
        await api(`${this.path}/${id}`, { method: "DELETE" });
        this.news = "The link is revoked.";
      });
    },

    async change(what) {
      await this.act(what);
      await this.refresh();
    },

    async copy(id) {
      const field = this.$root.querySelector(`[data-link-id="${id}"] input`);
      field.select();
      this.news = (await copyText(field.value)) ? "Copied" : "It is marked now: copy it with your keyboard.";
    },
  };
}

function linkView(link) {
  const until = moment(link.expires_at);
  const base = document.querySelector("[data-public-base]")?.dataset.publicBase ?? "";
  const name = link.note || "Link";
  return {
    ...link,
    name,
    url: base + link.watch_url,
    until: link.expired ? `Expired on ${until}` : `Until ${until}`,
    copyLabel: `Copy the link ${link.note}`.trim(),
    revokeLabel: `Revoke the link ${link.note}`.trim(),
  };
}
