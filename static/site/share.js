// The sheet with the link, with or without a time, and the code for other pages.
import { copyText } from "./copy.js";
import { clock } from "./format.js";

export function openShare(player) {
  const sheet = document.querySelector("[data-share]");
  const button = document.querySelector("[data-share-open]");
  const link = sheet.querySelector("[data-share-link]");
  const here = sheet.querySelector("[data-share-here]");
  const time = sheet.querySelector("[data-share-time]");
  const said = sheet.querySelector("[data-share-said]");
  const address = link.value;
  let seconds = 0;
  const draw = () => (link.value = here.checked ? linkAt(address, seconds) : address);
  button.hidden = false;
  button.addEventListener("click", () => {
    seconds = Math.floor(player.place);
    time.textContent = clock(seconds);
    here.checked = seconds > 0;
    said.textContent = "";
    draw();
    sheet.showModal();
  });
  here.addEventListener("change", draw);
  sheet.addEventListener("click", async ({ target }) => {
    if (target === sheet) sheet.close();
    const field = target.dataset.copy && document.getElementById(target.dataset.copy);
    if (!field) return;
    said.textContent = (await copyText(field.value)) ? "Copied." : "It could not be copied. Select it and copy it by hand.";
  });
}

export function linkAt(address, seconds) {
  const made = new URL(address);
  made.searchParams.set("t", String(Math.floor(seconds)));
  return made.href;
}
