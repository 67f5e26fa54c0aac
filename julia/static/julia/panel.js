// The panel renews itself: each [data-live] element is replaced by what its address answers, every so many seconds, and
// what could not be renewed is said to be old. Links with [data-ask] open their question on top of the page; without this
// script they open as pages of their own.
(() => {
  "use strict";

  const stale = document.getElementById("julia-stale");
  const failing = new Set();

  const renew = async (element) => {
    try {
      const answer = await fetch(element.dataset.live, { redirect: "manual", headers: { Accept: "text/html" } });
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        location.reload(); // logged out meanwhile
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      show(element, await answer.text());
      failing.delete(element);
    } catch {
      failing.add(element);
    }
    stale.hidden = failing.size === 0;
  };

  const show = (element, html) => {
    if (element.julia === html) return;
    element.julia = html;
    const open = [...element.querySelectorAll("details[open]")].map((details) => details.id);
    const focused = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
    element.innerHTML = html;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    if (focused) element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  };

  const keepRenewing = (element) => {
    const every = Number(element.dataset.every) * 1000;
    const again = async () => {
      if (!document.hidden) await renew(element);
      setTimeout(again, every);
    };
    setTimeout(again, every);
    document.addEventListener("visibilitychange", () => document.hidden || renew(element));
  };

  const ask = async (address) => {
    const dialog = document.getElementById("julia-ask");
    const answer = await fetch(address, { redirect: "manual" });
    const question = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("question");
    if (!question) {
      location.assign(address);
      return;
    }
    dialog.replaceChildren(document.importNode(question, true));
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-ask]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      ask(link.href).catch(() => location.assign(link.href));
    }
    const dialog = document.getElementById("julia-ask");
    if (event.target === dialog || (dialog.contains(event.target) && event.target.closest("[data-close]"))) {
      event.preventDefault();
      dialog.close();
    }
  });

  // One click is one request.
  document.addEventListener("submit", (event) => {
    event.target.querySelectorAll("button[type=submit]").forEach((button) => setTimeout(() => (button.disabled = true)));
  });

  document.querySelectorAll("[data-live]").forEach(keepRenewing);
})();
