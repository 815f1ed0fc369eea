// Keeps the last picture on the screen while the video element has none.
const LIMIT_MS = 6000;

export class HeldFrame {
  constructor(video, canvas) {
    this.video = video;
    this.canvas = canvas;
  }

  hold() {
    const { video, canvas } = this;
    if (!video.videoWidth || video.readyState < 2) return;
    const scale = Math.min(1, (canvas.parentElement.clientWidth * devicePixelRatio) / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
  }

  // Resolves when a frame near `place` (seconds) is on the screen, or after a time limit.
  async release(place) {
    await Promise.race([this.frameAt(place), wait(LIMIT_MS)]);
    this.canvas.hidden = true;
  }

  // For a video that has ended: its last picture stays until it is played again.
  releaseWhenPlaying() {
    this.video.addEventListener("playing", () => (this.canvas.hidden = true), { once: true });
  }

  frameAt(place) {
    const { video } = this;
    return new Promise((resolve) => {
      if (!video.requestVideoFrameCallback || document.hidden) {
        video.addEventListener("timeupdate", resolve, { once: true });
        return;
      }
      const look = (_, { mediaTime }) => {
        if (mediaTime >= place - 0.5) resolve();
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    });
  }
}

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
