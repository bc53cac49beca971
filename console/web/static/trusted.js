// The only place where text becomes HTML or the address of a script; the page's policy allows no other.
// The HTML comes from the console's own templates, which escape every value.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("vedette", {
      createHTML: (text) => text,
      createScriptURL: (url) => {
        if (new URL(url, location.href).origin !== location.origin) throw new TypeError("a script of another site");
        return url;
      },
    })
  : { createHTML: (text) => text, createScriptURL: (url) => url };

export const prefix = document.documentElement.dataset.prefix;

export function elements(html) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  return template.content;
}

export function page(html) {
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

export function script(path) {
  return policy.createScriptURL(`${prefix}/static/${path}`);
}
