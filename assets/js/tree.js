/* Menus of the breadcrumb: one open at a time; Escape, a click beside it, or leaving it closes it. */
(function () {
  "use strict";
  function open() { return document.querySelectorAll(".crumb-menu[open]"); }
  function close(but) {
    open().forEach(function (menu) { if (menu !== but) { menu.removeAttribute("open"); } });
  }
  document.addEventListener("click", function (event) { close(event.target.closest(".crumb-menu")); });
  document.addEventListener("focusin", function (event) { close(event.target.closest(".crumb-menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    open().forEach(function (menu) {
      if (menu.contains(document.activeElement)) { menu.querySelector("summary").focus(); }
      menu.removeAttribute("open");
    });
  });
})();
