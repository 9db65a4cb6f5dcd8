/* The window: draws a page from its tree and changes it in place (dashboard/desk/parts.py says why). React compares
   the new tree with the old: what is alike keeps its place in the document, a chart its drawing, a list its grid. */
(function () {
  "use strict";

  function Window(props) {
    var R = window.React, page = props.tree && draw(props.tree, props.address.split("?")[0]);
    R.useLayoutEffect(function () { /* a menu was a way to this page: it is shut behind one */
      document.querySelectorAll(".crumb-menu[open]").forEach(function (menu) { menu.removeAttribute("open"); });
    }, [props.address]);
    return R.createElement("div", { id: props.id, "data-address": props.address, "data-version": props.version },
      page || props.children);
  }

  /* A component of a tree as React's; another path's page is another one, however alike. */
  function draw(node, path) {
    var R = window.React;
    if (node === null || typeof node !== "object") { return node; }
    if (node.namespace === "dashboard") {
      return R.createElement(guard(R), { key: node.props.key }, R.createElement(window.dashboard[node.type], node.props));
    }
    var given = {}, name, inside = node.props.children, type = node.type;
    for (name in node.props) { if (name !== "children" && name !== "refresh") { given[name] = node.props[name]; } }
    if (type === "Link") { given.onClick = follow; } else if (type === "Main") { given.key = path; }
    else if (type === "Option") { delete given.selected; } else if (type === "Select") { given.ref = choosing(chosen(node)); }
    inside = inside === undefined || inside === null ? [] : Array.isArray(inside) ? inside : [inside];
    return R.createElement.apply(null, [type === "Link" ? "a" : type.toLowerCase(), given].concat(
      inside.map(function (part) { return draw(part, path); })));
  }

  /* A part that fails leaves its own place empty, never the page; the next page tries it again. */
  var Guard = null;
  function guard(R) {
    Guard = Guard || class extends R.Component {
      constructor(props) { super(props); this.state = { failed: false }; }
      static getDerivedStateFromError() { return { failed: true }; }
      componentDidCatch(fault) { console.error(fault); }
      componentDidUpdate(before) { if (this.state.failed && before !== this.props) { this.setState({ failed: false }); } }
      render() { return this.state.failed ? null : this.props.children; }
    };
    return Guard;
  }

  function follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    event.preventDefault();
    window.desk.visit(event.currentTarget.getAttribute("href"));
    window.scrollTo(0, 0);
  }

  /* A picker shows what the page is drawn for, whatever was picked since the last time. */
  function choosing(value) { return function (picker) { if (picker && value !== null) { picker.value = value; } }; }

  function chosen(node) {
    if (node.type === "Option") { return node.props.selected ? node.props.value : null; }
    return node.props.children.reduce(function (found, part) { return found === null ? chosen(part) : found; }, null);
  }

  /* -- a chart: drawn once, then told what changed; in its turn (turns.js) ----------------- */

  function Chart(props) {
    var R = window.React, box = R.useRef(null), place = R.useRef(null), latest = R.useRef(props), own = R.useRef(null);
    var said = R.useMemo(function () { return JSON.stringify(props.figure); }, [props.figure]), fault = R.useState(null);
    latest.current = props;
    if (fault[0]) { throw fault[0]; }

    function show() {
      var gd = place.current, figure = latest.current.figure, first = !gd.on;
      try {
        unmoved(gd, function (gd) { window.Plotly.react(gd, { data: figure.data, layout: figure.layout, config: latest.current.config }); });
        if (first) { gd.on("plotly_click", function (event) { window.desk.click(latest.current, event.points[0]); }); }
      } catch (error) { fault[1](error); }
    }
    R.useLayoutEffect(function () { if (own.current) { window.turns.due(own.current); } }, [said]);
    R.useEffect(function () { /* the words first, the pictures after them */
      var gd = place.current, wait = null;
      own.current = window.turns.watch(box.current, show);
      window.turns.due(own.current);
      var sizes = new ResizeObserver(function () {
        clearTimeout(wait);
        wait = setTimeout(function () {
          var size = gd._fullLayout;
          if (gd.clientWidth && size && (size.width !== gd.clientWidth || size.height !== gd.clientHeight)) { window.Plotly.Plots.resize(gd); }
        }, 50);
      });
      sizes.observe(gd);
      return function () { clearTimeout(wait); sizes.disconnect(); window.turns.leave(own.current); window.Plotly.purge(gd); };
    }, []);
    return R.createElement("div", { ref: box, className: "graph" }, R.createElement("div", { ref: place, style: { height: "100%" } }));
  }

  /* A picture that stands is as large as it was. Plotly asks the page, which is laid out anew for each answer; should
     the page have changed after all, the picture's observer tells. */
  function unmoved(gd, act) {
    var size = gd._fullLayout;
    if (size) {
      Object.defineProperty(gd, "clientWidth", { value: size.width, configurable: true });
      Object.defineProperty(gd, "clientHeight", { value: size.height, configurable: true });
    }
    try { act(gd); } finally { delete gd.clientWidth; delete gd.clientHeight; }
  }

  function Spark(props) {
    var R = window.React, dots = props.dots, first = dots[0], last = dots[dots.length - 1], floor = props.size[1];
    var line = dots.map(function (dot, n) { return (n ? "L" : "M") + dot.join(" "); }).join(" ");
    return R.createElement("svg", { className: "sparkline", viewBox: "0 0 " + props.size.join(" "), role: "img", "aria-label": props.label },
      R.createElement("path", { d: line + " L" + last[0] + " " + floor + " L" + first[0] + " " + floor + " Z", fill: "currentColor", fillOpacity: 0.18 }),
      R.createElement("path", { d: line, fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinejoin: "round", strokeLinecap: "round" }),
      R.createElement("circle", { cx: last[0], cy: last[1], r: 3.2, fill: "currentColor" }));
  }

  /* -- the list of records: its first rows come with the page, the others are asked for ---- */

  var GRID = "records", ROWS = "/records-rows";

  function rows(query, first) {
    return { getRows: function (asked) {
      var part = { startRow: asked.startRow, endRow: asked.endRow, sortModel: asked.sortModel };
      if (first && !part.startRow && !part.sortModel.length) { return asked.successCallback(first.rowData, first.rowCount); }
      return fetch(ROWS, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query: query, asked: part }) })
        .then(function (answer) { if (!answer.ok) { throw new Error(answer.statusText); } return answer.json(); })
        .then(function (found) { asked.successCallback(found.rowData, found.rowCount); }, function () { asked.failCallback(); });
    } };
  }

  function Grid(props) {
    var R = window.React, api = R.useRef(null), latest = R.useRef(props), box = R.useRef(null), own = R.useRef(null);
    latest.current = props;
    function list() { if (api.current) { api.current.setGridOption("datasource", rows(latest.current.query, latest.current.first)); } }
    R.useEffect(function () {
      own.current = window.turns.watch(box.current, list);
      return function () { window.turns.leave(own.current); };
    }, []);
    R.useEffect(function () { if (api.current) { window.turns.due(own.current); } }, [JSON.stringify(props.query)]); /* after the pictures */
    function told(changes) { /* the grid's first question says that it stands */
      if (changes.getRowsRequest && !api.current) { api.current = changes.getRowsRequest.api; Promise.resolve().then(list); }
    }
    return R.createElement("div", { ref: box, className: "listing" }, R.createElement(window.dash_ag_grid.AgGrid, {
      id: GRID, rowModelType: "infinite", columnDefs: steady(R, props.columns), dashGridOptions: steady(R, props.options),
      className: "grid", style: steady(R, { height: props.height }), setProps: told
    }));
  }

  /* The same object for as long as it says the same. */
  function steady(R, value) { return R.useMemo(function () { return value; }, [JSON.stringify(value)]); }

  /* -- the search box: what is typed becomes the address, a while after the last letter ------ */

  var PAUSE_MS = 500;

  function Search(props) {
    var R = window.React, field = R.useRef(null), timer = R.useRef(null), asked = R.useRef(props.words);
    R.useLayoutEffect(function () {
      if (props.words !== asked.current) { field.current.value = asked.current = props.words; }
    }, [props.words]);
    function ask() {
      clearTimeout(timer.current);
      asked.current = field.current.value.trim();
      window.desk.go({ tim: asked.current || null });
    }
    R.useEffect(function () { return function () { clearTimeout(timer.current); }; }, []);
    return R.createElement("input", { ref: field, id: "records-search", type: "search", className: "records-search",
      defaultValue: props.words, placeholder: props.placeholder, maxLength: props.longest,
      onChange: function () { clearTimeout(timer.current); timer.current = setTimeout(ask, PAUSE_MS); },
      onBlur: ask, onKeyDown: function (event) { if (event.key === "Enter") { ask(); } } });
  }

  window.dashboard = { Window: Window, Chart: Chart, Spark: Spark, Grid: Grid, Search: Search };
})();
