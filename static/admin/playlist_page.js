// One playlist: its texts, its order, and what is added to it.
import { clock } from "../site/format.js";
import { acting } from "./acting.js";
import { api } from "./api.js";

const DEBOUNCE_MS = 250;
const FOUND = 8;
const SHOWN = { public: "", unlisted: "Unlisted", private: "Private", scheduled: "Scheduled" };

export function playlistPage() {
  return {
    ...acting(),
    videos: [],
    found: [],
    heading: "",
    visibility: "",
    words: "",
    count: "",
    loaded: false,
    saved: "",
    news: "",

    init() {
      this.path = `/api/playlists/${this.$root.dataset.id}`;
      this.heading = this.$root.querySelector("h1").textContent;
      this.change(() => api(this.path));
      this.find();
    },

    get isEmpty() {
      return this.loaded && this.videos.length === 0;
    },

    get foundNothing() {
      return this.loaded && this.words.trim() !== "" && this.found.length === 0;
    },

    // Everything that the API does answers with the playlist as it is afterwards.
    change(what) {
      return this.act(async () => this.show(await what()));
    },

    show(playlist) {
      this.heading = playlist.title;
      this.visibility = playlist.visibility;
      this.arrange(playlist.videos);
      this.loaded = true;
    },

    arrange(videos) {
      const last = videos.length - 1;
      this.videos = videos.map((video, index) => ({
        ...video,
        place: String(index + 1),
        facts: factsOf(video),
        editUrl: `/videos/${video.id}`,
        first: index === 0,
        last: index === last,
        upLabel: `Move ${video.title} up`,
        downLabel: `Move ${video.title} down`,
        takeLabel: `Take ${video.title} out of the playlist`,
      }));
      this.count = String(videos.length);
      this.mark();
    },

    mark() {
      const ids = new Set(this.videos.map(({ id }) => id));
      this.found = this.found.map((video) => {
        const inside = ids.has(video.id);
        return { ...video, inside, addLabel: `${inside ? "Added" : "Add"} ${video.title}` };
      });
    },

    async save(event) {
      const form = new FormData(event.target);
      const json = Object.fromEntries(["title", "description", "visibility"].map((name) => [name, form.get(name)]));
      if (await this.change(() => api(this.path, { method: "PUT", json }))) this.saved = "Saved";
    },

    // The list moves at once; several presses are one after the other on the server.
    move(id, step) {
      const from = this.videos.findIndex((video) => video.id === id);
      const to = from + step;
      if (to < 0 || to >= this.videos.length) return;
      const videos = [...this.videos];
      videos.splice(to, 0, ...videos.splice(from, 1));
      this.arrange(videos);
      this.news = `${videos[to].title} is number ${to + 1} of ${videos.length} now.`;
      this.$nextTick(() => this.focusOn(id, step));
      this.store();
    },

    // The row was moved in the page, and a browser takes the focus off what moves.
    focusOn(id, step) {
      this.$root.querySelector(`[data-video-id="${id}"] [data-move="${step}"]`)?.focus();
    },

    store() {
      const json = { video_ids: this.videos.map(({ id }) => id) };
      this.storing = (this.storing ?? Promise.resolve()).then(async () => {
        try {
          await api(`${this.path}/videos`, { method: "PUT", json });
        } catch (error) {
          this.error = error.message;
        }
      });
      return this.storing;
    },

    async take(id) {
      const { title } = this.videos.find((video) => video.id === id);
      await this.storing;
      if (await this.change(() => api(`${this.path}/videos/${id}`, { method: "DELETE" }))) {
        this.news = `${title} was taken out.`;
      }
    },

    async put(id) {
      const { title } = this.found.find((video) => video.id === id);
      await this.storing;
      const json = { video_id: id };
      if (await this.change(() => api(`${this.path}/videos`, { method: "POST", json }))) {
        this.news = `${title} was added as number ${this.videos.length}.`;
      }
    },

    typed() {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.find(), DEBOUNCE_MS);
    },

    async find() {
      const query = new URLSearchParams({ limit: FOUND });
      if (this.words.trim()) query.set("search", this.words.trim());
      try {
        const { videos } = await api(`/api/videos?${query}`);
        this.found = videos.map((video) => ({ ...video, facts: factsOf(video) }));
        this.mark();
      } catch (error) {
        this.error = error.message;
      }
    },

    async remove() {
      this.$refs.removal.close();
      try {
        await api(this.path, { method: "DELETE" });
        location.assign("/playlists");
      } catch (error) {
        this.error = error.message;
      }
    },
  };
}

function factsOf(video) {
  return [video.duration ? clock(video.duration) : "", SHOWN[video.visibility]].filter(Boolean).join(" · ");
}
