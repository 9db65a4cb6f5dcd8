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
    if (address === window.location.pathname + window.location.search) { return; }
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function triggered() {
    var context = window.dash_clientside.callback_context;
    return context.triggered.length === 1 ? context : null;
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
  function click() {
    var context = triggered();
    if (!context || !context.triggered_id || !context.triggered[0].value) { return window.dash_clientside.no_update; }
    var chart = context.triggered_id, point = context.triggered[0].value.points[0];
    if (!chart.word) { return window.dash_clientside.no_update; }
    var changes = {};
    if (chart.word === "ky") {
      changes.ky = point.x;
    } else {
      var words = new URLSearchParams(window.location.search), member = point.y || UNKNOWN;
      var indicator = chart.indicators.split(",")[point.curveNumber] || null;
      changes.phan = changes.tim = null;
      changes[chart.word] = member;
      if (!chart.listed) { /* the page has no list: the indicator's own page has */
        changes["chi-so"] = null;
        go(changes, indicator ? "/chi-so/" + indicator : null);
        return window.dash_clientside.no_update;
      }
      var again = words.get(chart.word) === member && (!indicator || words.get("chi-so") === indicator);
      if (again) { changes[chart.word] = null; }
      if (indicator) { changes["chi-so"] = again ? null : indicator; }
    }
    go(changes);
    return window.dash_clientside.no_update;
  }

  /* A new question for the list: throw away the rows of the old one. */
  var listed = null;
  function relist(query) {
    var asked = JSON.stringify(query || null), before = listed;
    listed = asked;
    if (query && before !== null && before !== asked && window.dash_ag_grid && document.getElementById("records")) {
      window.dash_ag_grid.getApiAsync("records").then(function (api) { api.purgeInfiniteCache(); });
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    desk: { click: click, relist: relist }
  });
})();
