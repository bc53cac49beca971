// Replaces the main part of the page by the one of another address, so that filters answer without a reload.
import { page } from "./trusted.js";
import { showTimes } from "./times.js";

let request = null;

export async function swap(url, { push = true } = {}) {
  request?.abort();
  request = new AbortController();
  let answer;
  try {
    answer = await fetch(url, { headers: { Accept: "text/html" }, signal: request.signal });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
    return;
  }
  const found = page(await answer.text());
  const fresh = found.getElementById("main");
  if (!fresh) {
    location.assign(answer.url);
    return;
  }
  const name = document.activeElement?.getAttribute("name");
  const value = document.activeElement?.getAttribute("value");
  const main = document.getElementById("main");
  main.replaceChildren(...fresh.childNodes);
  document.title = found.title;
  if (push) history.pushState({ swapped: true }, "", answer.url);
  showTimes(main);
  if (name) {
    const same = [...main.querySelectorAll("[name]")].find(
      (one) => one.name === name && (one.type !== "radio" || one.getAttribute("value") === value),
    );
    same?.focus();
  }
  document.dispatchEvent(new CustomEvent("vedette:swapped"));
}

function address(form) {
  const url = new URL(form.action, location.href);
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  url.search = new URLSearchParams(fields);
  return url;
}

export function startSwaps() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-swap]")) return;
    event.preventDefault();
    swap(address(event.target));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (form && event.target.matches("input[type=radio], select, input[type=checkbox]")) swap(address(form));
  });
  addEventListener("popstate", () => swap(location.href, { push: false }));
}
