// Says that the session has ended, without taking away what is not saved yet.
export function sayIfSignedOut(status) {
  const notice = document.querySelector("[data-signed-out]");
  if (status !== 401 || !notice) return;
  const here = encodeURIComponent(location.pathname + location.search);
  notice.querySelector("a").href = `/sign-in?next=${here}`;
  notice.hidden = false;
}
