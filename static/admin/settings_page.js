// The parts of the settings page that do more than a form can.
import { acting } from "./acting.js";
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
    ...acting(),

    async send(event) {
      const [file] = event.target.files;
      if (file) await this.change({ method: "PUT", file });
      event.target.value = "";
    },

    remove() {
      return this.change({ method: "DELETE" });
    },

    change(request) {
      return this.act(async () => {
        await api("/api/settings/logo", request);
        location.assign("/settings?saved");
      });
    },
  };
}
