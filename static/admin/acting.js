// Does one thing at a time, and keeps what went wrong. Mixed into the components that ask the server.
export function acting() {
  return {
    busy: false,
    error: "",

    // Whether it went well.
    async act(what) {
      this.busy = true;
      this.error = "";
      try {
        await what();
      } catch (error) {
        this.error = error.message;
      }
      this.busy = false;
      return this.error === "";
    },
  };
}
