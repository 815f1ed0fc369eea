// Asks before a video is deleted, and deletes it. Mixed into the components that can.
import { api } from "./api.js";

export function removal() {
  return {
    doomed: 0,
    doomedTitle: "",
    removing: false,
    removalError: "",

    askFor(video) {
      this.doomed = video.id;
      this.doomedTitle = video.title;
      this.removalError = "";
      this.$refs.removal.showModal();
    },

    keep() {
      this.$refs.removal.close();
    },

    async remove() {
      this.removing = true;
      try {
        await api(`/api/videos/${this.doomed}`, { method: "DELETE" });
        this.$refs.removal.close();
        this.removed(this.doomed);
      } catch (error) {
        this.removalError = error.message;
      }
      this.removing = false;
    },
  };
}
