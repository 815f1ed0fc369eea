// Which parts are played most: a curve above the seek bar, and one sentence for those who listen.
import { spoken } from "./format.js";

export class PlayerHeat {
  constructor({ player, parts }) {
    this.parts = parts;
    this.slug = player.root.dataset.slug;
    if (!("heat" in player.root.dataset)) return;
    // Nobody sees it before the controls are used.
    const show = () => this.load().catch(() => {});
    for (const type of ["pointerenter", "pointerdown", "focusin"]) {
      player.root.addEventListener(type, show, { once: true });
    }
  }

  async load() {
    if (this.asked) return;
    this.asked = true;
    const answer = await fetch(`/api/videos/${encodeURIComponent(this.slug)}/heatmap`);
    if (answer.ok) this.draw(await answer.json());
  }

  draw({ piece_seconds: length, values }) {
    if (!values.some((value) => value > 0)) return;
    const curve = this.parts["heat-curve"];
    curve.setAttribute("viewBox", `0 0 ${values.length} 1`);
    curve.firstElementChild.setAttribute("d", curveOf(values));
    const said = this.parts["heat-said"];
    said.textContent = `Played most at ${spoken(values.indexOf(Math.max(...values)) * length)}.`;
    said.hidden = false;
    this.parts.seek.setAttribute("aria-describedby", said.id);
    this.parts["seek-box"].setAttribute("data-warm", "");
  }
}

// Through the middle of each piece, level at both ends; one is the height of the box.
export function curveOf(values) {
  const points = [[0, values[0]], ...values.map((value, place) => [place + 0.5, value]), [values.length, values.at(-1)]];
  const at = ([x, value]) => `${x} ${(1 - value * 0.92).toFixed(3)}`;
  const steps = points.slice(1).map((point, place) => {
    const middle = (points[place][0] + point[0]) / 2;
    return `C${at([middle, points[place][1]])} ${at([middle, point[1]])} ${at(point)}`;
  });
  return `M0 1L${at(points[0])}${steps.join("")}L${values.length} 1Z`;
}
