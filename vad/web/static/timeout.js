// Warns two minutes before the login ends and leaves the page when it has ended (P16). Without it every page works too:
// the server alone decides, and keeps what was filled in. Nothing that happens here by itself counts as activity there.
(() => {
  "use strict";
  const RETRY = 60000;
  const dialog = document.getElementById("timeout");
  const text = document.getElementById("timeout-text");
  const stay = document.getElementById("timeout-stay");
  const close = document.getElementById("timeout-close");
  const idle = dialog.dataset.idle * 1000;
  const warn = dialog.dataset.warn * 1000;
  const absoluteEnd = Date.now() + dialog.dataset.left * 1000;
  const tabs = new BroadcastChannel("vad-activity");
  let idleEnd = Date.now() + idle;
  let warned = false;
  let nextTry = 0;
  let typedIn = null;

  const remaining = () => Math.min(idleEnd, absoluteEnd) - Date.now();
  const say = (name) => {
    text.textContent = text.dataset[name];
  };

  // The person did something, here or in another tab.
  function active() {
    idleEnd = Date.now() + idle;
    warned = false;
    if (dialog.open && remaining() > warn) dialog.close();
    look();
  }

  function show() {
    // Two hours after the login nothing helps: there is only something to read.
    const last = absoluteEnd <= idleEnd;
    stay.hidden = last;
    close.hidden = !last;
    document.getElementById("timeout-last").hidden = !last;
    dialog.setAttribute("aria-describedby", last ? "timeout-text timeout-last" : "timeout-text");
    say("two");
    if (!dialog.open) dialog.showModal();
    (last ? close : stay).focus();
    warned = true;
  }

  // The server may answer that the login still lives. The page then stays, and asks again in a minute.
  function leave() {
    nextTry = Date.now() + RETRY;
    const name = dialog.dataset.keep ?? "action";
    const form = dialog.dataset.keep ? typedIn : document.querySelector("form[data-keep]");
    if (!form) {
      window.location.assign(dialog.dataset.expired);
      return;
    }
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value: "keep" });
    form.append(field);
    form.submit();
    field.remove();
  }

  function look() {
    if (remaining() <= 0) {
      if (Date.now() >= nextTry) leave();
    } else if (remaining() <= warn) {
      if (!warned) show();
      if (remaining() <= warn / 2 && text.textContent === text.dataset.two) say("one");
    }
  }

  async function stayLoggedIn() {
    const answer = await fetch(dialog.dataset.renew, { method: "POST", redirect: "error" }).catch(() => null);
    if (answer?.status === 204) {
      active();
      tabs.postMessage("active");
    } else if (answer?.status === 410) {
      leave();
    } else {
      say("failed");
    }
  }

  stay.addEventListener("click", stayLoggedIn);
  close.addEventListener("click", () => dialog.close());
  // Escape is an answer as well: whoever presses it is there.
  dialog.addEventListener("cancel", (event) => {
    if (stay.hidden) return;
    event.preventDefault();
    stayLoggedIn();
  });
  // Where a page has several forms, the one that somebody types in is kept. What is asked in an address is no answer.
  document.addEventListener("input", (event) => {
    if (event.target.form?.getAttribute("method") === "post") typedIn = event.target.form;
  });
  tabs.addEventListener("message", active);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  tabs.postMessage("active");
  setInterval(look, 1000);
})();
