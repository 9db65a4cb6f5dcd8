/* The way down to the list of records. */
(function () {
  "use strict";
  var WAIT = 50, TRIES = 80;

  /* A link to the list below: a Dash link goes to the top of the page, so wait for the list and show it. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a.to-records");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var tries = 0, timer = window.setInterval(function () {
      var list = document.getElementById("records-card"), page = document.getElementById("window");
      var here = window.location.pathname + window.location.search;
      tries += 1;
      if (list && page && page.getAttribute("data-address") === here) {
        window.clearInterval(timer);
        list.scrollIntoView({ block: "start" });
      } else if (tries > TRIES) { window.clearInterval(timer); }
    }, WAIT);
  });
})();
