// The parts of the settings page that do more than a form can.
import { api } from "./api.js";

export function settingsForm() {
  return {
    // Whoever picks a colour wants it.
    chosen() {
      this.$refs.own.checked = true;
    },
  };
}

export function siteLogo() {
  return {
    busy: false,
    error: "",

    async send(event) {
      const [file] = event.target.files;
      if (file) await this.act({ method: "PUT", file });
      event.target.value = "";
    },

    remove() {
      return this.act({ method: "DELETE" });
    },

    async act(request) {
      this.busy = true;
      this.error = "";
      try {
        await api("/api/settings/logo", request);
        location.assign("/settings?saved");
      } catch (error) {
        this.error = error.message;
      }
      this.busy = false;
    },
  };
}
