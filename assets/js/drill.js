/* The list of records: its search box, and the way down to it. */
(function () {
  "use strict";
  var WAIT = 50, TRIES = 80;

  function go(changes) {
    var words = new URLSearchParams(window.location.search);
    Object.keys(changes).forEach(function (word) {
      if (changes[word]) { words.set(word, changes[word]); } else { words.delete(word); }
    });
    var said = words.toString().replace(/\+/g, "%20");
    var address = window.location.pathname + (said ? "?" + said : "");
    if (address === window.location.pathname + window.location.search) { return; }
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  /* The words of the search box are a word of the address. */
  function search(value) {
    var context = window.dash_clientside.callback_context;
    var said = (value || "").trim();
    if (context.triggered.length && said !== (new URLSearchParams(window.location.search).get("tim") || "")) {
      go({ tim: said || null });
    }
    return window.dash_clientside.no_update;
  }

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

  window.dash_clientside = Object.assign({}, window.dash_clientside, { drill: { search: search } });
})();
