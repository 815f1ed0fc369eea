// Sentences that name commands and settings between backticks, as programs say them.

export function prose(element, sentence) {
  const pieces = String(sentence ?? "").split(/`([^`]+)`/);
  element.replaceChildren(...pieces.map((piece, place) => (place % 2 ? code(piece) : piece)));
}

function code(words) {
  const element = document.createElement("code");
  element.className = "tag-code";
  element.textContent = words;
  return element;
}
