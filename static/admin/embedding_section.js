// On which other sites one video may be shown.
import { api } from "./api.js";

export function embeddingSection() {
  return {
    rule: "site",
    sites: "",
    saving: false,
    saved: "",
    problem: "",

    init() {
      this.path = `/api/videos/${this.$root.dataset.id}`;
      this.rule = this.$root.querySelector("[name=embedding]:checked").value;
      this.sites = this.$root.querySelector("[name=sites]").value;
    },

    touched() {
      this.saved = "";
    },

    async save() {
      const named = this.sites.split(/[\s,]+/).filter(Boolean);
      this.problem = this.saved = "";
      if (this.rule === "sites" && named.length === 0) {
        this.problem = "Name at least one site, or choose “Nowhere”.";
        return;
      }
      this.saving = true;
      const domains = { site: null, nowhere: [], sites: named }[this.rule];
      try {
        const video = await api(this.path, { method: "PUT", json: { embed_domains: domains } });
        if (this.rule === "sites") this.sites = video.embed_domains.join("\n");
        this.saved = "Saved";
      } catch (error) {
        this.problem = error.message;
      }
      this.saving = false;
    },
  };
}
