import { plural } from "../site/format.js";
import { api } from "./api.js";

export function categoryPage() {
  return {
    categories: [],
    loaded: false,
    busy: false,
    error: "",
    news: "",
    doomed: null,
    doomedName: "",

    init() {
      this.refresh();
    },

    get isEmpty() {
      return this.loaded && this.categories.length === 0;
    },

    async refresh() {
      try {
        const { categories } = await api("/api/categories");
        this.categories = categories.map((category) => ({
          ...category,
          count: plural(category.video_count, "video"),
          deleteLabel: `Delete ${category.name}`,
        }));
        this.loaded = true;
      } catch (error) {
        this.error = error.message;
      }
    },

    async add(event) {
      const form = new FormData(event.target);
      this.busy = true;
      this.error = "";
      try {
        const json = { name: form.get("name").trim(), description: form.get("description").trim() };
        await api("/api/categories", { method: "POST", json });
        event.target.reset();
        this.news = `${json.name} was added.`;
        await this.refresh();
      } catch (error) {
        this.error = error.message;
      }
      this.busy = false;
      this.$refs.name.focus();
    },

    ask(id) {
      this.doomed = id;
      this.doomedName = this.categories.find((category) => category.id === id).name;
      this.$refs.removal.showModal();
    },

    keep() {
      this.$refs.removal.close();
    },

    async remove() {
      this.error = "";
      this.$refs.removal.close();
      try {
        await api(`/api/categories/${this.doomed}`, { method: "DELETE" });
        this.news = `${this.doomedName} was deleted.`;
      } catch (error) {
        this.error = error.message;
      }
      this.refresh();
    },
  };
}
