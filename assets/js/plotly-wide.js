/* Very wide screens: the page is enlarged by CSS zoom, but charts are not, since plotly misplaces the
   pointer under zoom. Their type and lines are enlarged here instead, before plotly measures them. */
(function () {
  "use strict";
  var WIDE = 2600, FACTOR = 1.75;
  if (!window.Plotly || window.innerWidth < WIDE) { return; }
  var SIZES = { size: 1, width: 1, l: 1, r: 1, t: 1, b: 1, ticklabelstandoff: 1, barcornerradius: 1 };

  function enlarged(part, inside) {
    if (Array.isArray(part)) { return inside === "data" ? part.map(function (item) { return enlarged(item, "trace"); }) : part; }
    if (!part || typeof part !== "object") { return part; }
    var copy = {};
    Object.keys(part).forEach(function (name) {
      var value = part[name];
      copy[name] = SIZES[name] && typeof value === "number" ? value * FACTOR : enlarged(value, name);
    });
    return copy;
  }

  ["newPlot", "react"].forEach(function (draw) {
    var plain = window.Plotly[draw];
    window.Plotly[draw] = function (graph, data, layout, config) {
      if (data && !Array.isArray(data) && data.data) {
        return plain.call(this, graph, {
          data: enlarged(data.data, "data"), layout: enlarged(data.layout, "layout"),
          frames: data.frames, config: data.config
        }, layout, config);
      }
      return plain.call(this, graph, enlarged(data, "data"), enlarged(layout, "layout"), config);
    };
  });
})();
