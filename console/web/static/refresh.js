// Loads a page again each second while an order on it is going on.
import { swap } from "./swap.js";

const PACE = 1000;

function plan() {
  if (document.querySelector("[data-refresh]"))
    setTimeout(() => (document.hidden ? plan() : swap(location.href, { push: false })), PACE);
}

export function startRefresh() {
  document.addEventListener("vedette:swapped", plan);
  plan();
}
