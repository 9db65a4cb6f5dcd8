/* The desk's own script: every choice becomes a new address; the page follows the address. */
(function () {
  "use strict";
  /* Words that belong to one page's filters: a new unit begins without them. */
  var FILTERS = [
    "thon", "linh-vuc", "kenh", "can-bo", "thu-tuc", "muc-do", "noi-tiep-nhan", "noi-ho-tro", "trang-thai", "thoi-han",
    "chieu", "do-khan", "co-quan", "phong-ban", "loai-van-ban", "phan-loai", "ngay-hen", "tim"
  ];
  var UNKNOWN = "khong-ghi"; /* the member of records that do not say theirs */

  function go(changes, path) {
    var words = new URLSearchParams(window.location.search);
    Object.keys(changes).forEach(function (word) {
      if (changes[word]) { words.set(word, changes[word]); } else { words.delete(word); }
    });
    var said = words.toString().replace(/\+/g, "%20");
    var address = (path || window.location.pathname) + (said ? "?" + said : "");
    if (address !== window.location.pathname + window.location.search) { visit(address); }
  }

  /* Dash hears of a new address by this event. */
  function visit(address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  /* A picker: its word of the address. */
  document.addEventListener("change", function (event) {
    var word = event.target.dataset && event.target.dataset.word;
    if (!word || event.target.tagName !== "SELECT") { return; }
    var changes = {};
    changes[word] = event.target.value;
    if (word === "don-vi") { FILTERS.forEach(function (filter) { changes[filter] = null; }); }
    go(changes);
  });

  /* A chart: the axis holds period ids or members; the curve's number says which indicator. */
  function click(chart, point) {
    if (!chart.word) { return; }
    var changes = {};
    if (chart.word === "ky") {
      changes.ky = point.x;
    } else {
      var words = new URLSearchParams(window.location.search), member = point.y || UNKNOWN;
      var indicator = chart.indicators[point.curveNumber] || null;
      changes.phan = changes.tim = null;
      changes[chart.word] = member;
      if (!chart.listed) { /* the page has no list: the indicator's own page has */
        changes["chi-so"] = null;
        go(changes, indicator ? "/chi-so/" + indicator : null);
        return;
      }
      var again = chart.word !== "don-vi" && words.get(chart.word) === member && (!indicator || words.get("chi-so") === indicator);
      if (again) { changes[chart.word] = null; }
      if (indicator) { changes["chi-so"] = again ? null : indicator; }
    }
    go(changes);
  }

  window.desk = { go: go, visit: visit, click: click };
})();
