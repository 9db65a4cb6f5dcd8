/* The frame: the navigation as a drawer on narrow screens, the window's title, and what every sheet of paper says. */
(function () {
  "use strict";
  var page = document.documentElement;

  function drawer(open) {
    page.classList.toggle("drawer-open", open);
    var menu = document.querySelector(".menu"), veil = document.querySelector(".veil");
    if (menu) { menu.setAttribute("aria-expanded", String(open)); }
    if (veil) { veil.hidden = !open; }
    if (open) { var first = document.querySelector(".navbar a"); if (first) { first.focus(); } }
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target : null;
    if (!target) { return; }
    if (target.closest(".menu")) { drawer(!page.classList.contains("drawer-open")); }
    else if (target.closest(".veil, .navbar a")) { drawer(false); }
    if (target.closest(".skip")) {
      var main = document.getElementById("main");
      main.tabIndex = -1;
      main.focus();
      event.preventDefault();
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && page.classList.contains("drawer-open")) {
      drawer(false);
      document.querySelector(".menu").focus();
    }
  });

  function words(selector) {
    var found = document.querySelector(selector);
    return found ? found.textContent : "";
  }

  /* The margins of a sheet: centre, page, unit, period, how old the data are, whether they are invented. */
  function paper() {
    function quoted(parts) { return '"' + parts.filter(Boolean).join(" · ").replace(/["\\\n]/g, " ") + '"'; }
    var style = document.getElementById("paper") || document.head.appendChild(document.createElement("style"));
    style.id = "paper";
    style.textContent = "@page { @top-left { content: " + quoted([words(".centre-name"), words("h2"), words(".subtitle")]) +
      " } @top-right { content: " + quoted([words(".demo")]) + " } @bottom-left { content: " + quoted([words(".freshness"), words(".today")]) + " } }";
  }

  var shown = "", wait = null;
  function look() {
    wait = null;
    named();
    var title = words("h2"), now = title + words(".subtitle") + words(".freshness");
    if (!title || now === shown) { return; }
    shown = now;
    document.title = title + " · " + words(".centre-name");
    var shell = document.querySelector(".shell");
    if (shell) { page.lang = shell.lang; }
    paper();
  }

  /* The field behind a place to drop files has no name of its own. */
  function named() {
    document.querySelectorAll(".drop input[type=file]:not([aria-label])").forEach(function (field) {
      field.setAttribute("aria-label", field.closest(".drop").textContent);
    });
  }
  new MutationObserver(function () { wait = wait || setTimeout(look, 60); })
    .observe(document.body || page, { subtree: true, childList: true, characterData: true });
})();
