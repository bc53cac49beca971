// Everything works without this: it adds live updates, the keyboard, local times and copying.
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startRefresh } from "./refresh.js";
import { startSwaps } from "./swap.js";
import { showTimes } from "./times.js";

document.documentElement.classList.add("js");

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS a browser has no clipboard for pages.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-link]");
  if (!button) return;
  const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : null;
  copy(source ? source.textContent.trim() : location.href, button);
});

showTimes(document);
startSwaps();
startKeys();
startLive();
startRefresh();
