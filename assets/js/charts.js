/* What can be done with a chart beside looking at it: read it by keyboard, see it as a table, copy it, save it.
   Everything is made from the chart's twin (data-twin of its card), so that all of it says the same. */
(function () {
  "use strict";
  var INK = { ground: "#FFFFFF", text: "#0F172A", note: "#475569", demo: "#9A5B00", line: "#D9E0EA" };
  var LIGHT = { "#EAF0FA": "#0F172A", "#A9B8D0": "#475569", "#8396B3": "#64748B", "#4C9AFF": "#1F6FD1", "#466BA8": "#7FA6DA",
    "#2EC4B6": "#0B7A70", "#FFB547": "#9A5B00", "#FF6B5E": "#C2321F", "#8FA3BF": "#64748B", "#B79CFF": "#6D4FC4",
    "#121C30": "#FFFFFF", "rgba(148,163,184,.22)": "#D9E0EA", "rgba(148,163,184,.16)": "#D9E0EA" };
  var FACE = "'Be Vietnam Pro', system-ui, sans-serif", WIDE = 1000, HIGH = 420, EDGE = 28, TWICE = 2;

  function card(node) { return node && node.closest ? node.closest("[data-twin]") : null; }
  function twin(section) { return JSON.parse(section.dataset.twin); }
  function graph(section) {
    window.turns.settle();
    return section.querySelector(".js-plotly-plot");
  }

  /* -- the table ------------------------------------------------------------------- */

  function cell(kind, words, scope) {
    var made = document.createElement(kind);
    made.textContent = words;
    if (scope) { made.scope = scope; }
    return made;
  }

  function table(said) {
    var made = document.createElement("table"), caption = made.createCaption(), head = made.createTHead().insertRow();
    var body = made.createTBody();
    made.className = "table compact";
    caption.textContent = [said.title, said.where, said.unit, said.source, said.demo].filter(Boolean).join(" · ");
    said.head.forEach(function (word) { head.appendChild(cell("th", word, "col")); });
    said.rows.forEach(function (row) {
      var line = body.insertRow();
      row.forEach(function (word, place) { line.appendChild(cell(place ? "td" : "th", word, place ? "" : "row")); });
    });
    return made;
  }

  function show(section) {
    var open = section.dataset.view === "table", place = section.querySelector(".twin"), said = twin(section);
    place.replaceChildren.apply(place, open ? [table(said)] : []);
    section.querySelector('[data-tool="table"]').textContent = open ? said.picture : said.table;
  }

  /* -- copying --------------------------------------------------------------------- */

  function plain(rows) { return rows.map(function (row) { return row.join("\t"); }).join("\n"); }

  function put(words) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(words); }
    var box = document.createElement("textarea");
    box.value = words;
    document.body.appendChild(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    return Promise.resolve();
  }

  function copy(section) {
    var said = twin(section);
    var words = plain([[said.title], [[said.where, said.unit, said.source, said.demo].filter(Boolean).join(" · ")], said.head].concat(said.rows));
    return put(words).then(function () { tell(section, said.copied); });
  }

  function tell(section, words) {
    var place = section.querySelector(".said");
    place.textContent = words;
    place.classList.add("said-shown");
    setTimeout(function () { place.classList.remove("said-shown"); }, 2500);
  }

  /* -- the image ------------------------------------------------------------------- */

  function light(part) {
    var said = JSON.stringify(part, function (name, value) { return name.charAt(0) === "_" ? undefined : value; });
    Object.keys(LIGHT).forEach(function (dark) { said = said.split(dark).join(LIGHT[dark]); });
    return JSON.parse(said);
  }

  function fonts() {
    var faces = [["latin", 400], ["vietnamese", 400], ["latin-ext", 400], ["latin", 600], ["vietnamese", 600]];
    return Promise.all(faces.map(function (face) {
      return fetch("/assets/fonts/be-vietnam-pro-" + face[0] + "-" + face[1] + "-normal.woff2").then(function (answer) {
        return answer.arrayBuffer();
      }).then(function (bytes) {
        var said = "";
        new Uint8Array(bytes).forEach(function (byte) { said += String.fromCharCode(byte); });
        return "@font-face{font-family:Bvp" + face[0] + ";font-weight:" + face[1] +
          ";src:url(data:font/woff2;base64," + btoa(said) + ")}";
      });
    })).then(function (rules) { return rules.join(""); });
  }

  function picture(source) {
    return new Promise(function (done, failed) {
      var image = new Image();
      image.onload = function () { done(image); };
      image.onerror = failed;
      image.src = source;
    });
  }

  function drawing(section, width, height) {
    var gd = graph(section);
    if (!gd) { return Promise.resolve(null); }
    var layout = Object.assign(light(gd.layout), { width: width, height: height, autosize: false, paper_bgcolor: "#FFFFFF" });
    return Promise.all([window.Plotly.toImage({ data: light(gd.data), layout: layout, config: { locale: said(gd) } },
      { format: "svg", width: width, height: height }), fonts()]).then(function (made) {
      var svg = decodeURIComponent(made[0].slice(made[0].indexOf(",") + 1));
      svg = svg.replace(/(?:'|&quot;)?Be Vietnam Pro(?:'|&quot;)?/g, "Bvplatin, Bvpvietnamese, Bvplatin-ext");
      svg = svg.replace(/<svg([^>]*)>/, "<svg$1><style>" + made[1] + "</style>");
      return picture("data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg));
    });
  }

  function said(gd) { return (gd._context && gd._context.locale) || "vi"; }

  function lines(pen, words, width) {
    var found = [""];
    String(words).split(" ").forEach(function (word) {
      var longer = found[found.length - 1] ? found[found.length - 1] + " " + word : word;
      if (pen.measureText(longer).width > width && found[found.length - 1]) { found.push(word); } else { found[found.length - 1] = longer; }
    });
    return found;
  }

  function compose(said, image) {
    var canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), at = EDGE;
    var width = WIDE - 2 * EDGE, todo = [];
    function write(words, font, ink, step) {
      pen.font = font + " " + FACE;
      lines(pen, words, width).forEach(function (line) {
        at += step;
        todo.push([line, EDGE, at, font + " " + FACE, ink]);
      });
    }
    write(said.title, "600 24px", INK.text, 28);
    write([said.where, said.unit].filter(Boolean).join(" · "), "400 15px", INK.note, 24);
    write(said.finding, "400 16px", INK.text, 26);
    var chips = at + 24;
    if (said.legend.length) { at = chips; }
    at += 12;
    var top = at, rows = image ? 0 : said.rows.length + 1;
    at += image ? HIGH : rows * 30 + 8;
    write([said.source, said.demo].filter(Boolean).join(" · "), "400 13px", INK.note, 24);
    canvas.width = WIDE * TWICE;
    canvas.height = (at + EDGE) * TWICE;
    pen.scale(TWICE, TWICE);
    pen.fillStyle = INK.ground;
    pen.fillRect(0, 0, WIDE, at + EDGE);
    todo.forEach(function (line) { pen.font = line[3]; pen.fillStyle = line[4]; pen.fillText(line[0], line[1], line[2]); });
    var x = EDGE;
    pen.font = "400 14px " + FACE;
    said.legend.forEach(function (chip) {
      pen.fillStyle = LIGHT[chip[1]] || chip[1];
      pen.fillRect(x, chips - 11, 12, 12);
      pen.fillStyle = INK.note;
      pen.fillText(chip[0], x + 18, chips);
      x += pen.measureText(chip[0]).width + 42;
    });
    if (image) { pen.drawImage(image, EDGE, top, width, HIGH); } else { grid(pen, said, top, width); }
    if (said.demo) {
      pen.font = "600 13px " + FACE;
      var room = pen.measureText(said.demo).width + 24;
      pen.strokeStyle = pen.fillStyle = INK.demo;
      pen.strokeRect(WIDE - EDGE - room, EDGE - 8, room, 26);
      pen.fillText(said.demo, WIDE - EDGE - room + 12, EDGE + 10);
    }
    return canvas;
  }

  /* A chart that is no plotly picture is saved as its table. */
  function grid(pen, said, top, width) {
    var wide = width * (said.head.length > 5 ? 0.24 : said.head.length > 3 ? 0.34 : 0.5), rest = (width - wide) / (said.head.length - 1);
    [said.head].concat(said.rows).forEach(function (row, line) {
      pen.strokeStyle = INK.line;
      pen.strokeRect(EDGE, top + line * 30, width, 30);
      row.forEach(function (words, place) {
        pen.font = (line ? "400" : "600") + " 14px " + FACE;
        pen.fillStyle = INK.text;
        var room = pen.measureText(words).width;
        pen.fillText(words, place ? EDGE + wide + place * rest - room - 10 : EDGE + 10, top + line * 30 + 20);
      });
    });
  }

  function save(section) {
    var words = twin(section);
    return drawing(section, WIDE - 2 * EDGE, HIGH).then(function (image) {
      compose(words, image).toBlob(function (blob) {
        var link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = (words.title + " - " + words.where).replace(/[\\/:*?"<>|]+/g, "-") + ".png";
        link.click();
        setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
      }, "image/png");
    });
  }

  /* -- by keyboard ------------------------------------------------------------------ */

  var STEP = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  function read(section, key) {
    var words = twin(section), gd = graph(section), points = words.rows.length, series = words.head.length - 1;
    var across = words.kind === "trend", now = section.reading || { point: across ? points : -1, series: 0 };
    if (key === "Home") { now.point = 0; } else if (key === "End") { now.point = points - 1; } else {
      var step = STEP[key];
      now.point += across ? step[0] : step[1];
      now.series += across ? step[1] : step[0];
    }
    now.point = Math.min(Math.max(now.point, 0), points - 1);
    now.series = (now.series + series) % series;
    section.reading = now;
    var row = words.rows[now.point];
    section.querySelector(".said").textContent = row[0] + ": " + words.head[now.series + 1] + " " + row[now.series + 1];
    var hit = gd && find(gd, words, now);
    if (hit) { window.Plotly.Fx.hover(gd, [{ curveNumber: hit.curve, pointNumber: hit.point }]); }
  }

  /* The drawn point of a row and series: axes hold the chart's keys. */
  function find(gd, words, now) {
    var key = words.keys[now.point], found = null;
    gd.data.forEach(function (trace, curve) {
      var held = words.kind === "trend" ? trace.x : trace.y, point = held ? held.indexOf(key) : -1;
      if (point < 0 || trace.hoverinfo === "skip") { return; }
      if (!found || (words.kind !== "trend" && curve === now.series)) { found = { curve: curve, point: point }; }
    });
    return found;
  }

  function open(section) {
    var gd = graph(section), hit = gd && section.reading && find(gd, twin(section), section.reading);
    if (!hit) { return; }
    var trace = gd.data[hit.curve];
    gd.emit("plotly_click", { points: [{ curveNumber: hit.curve, pointNumber: hit.point, x: trace.x[hit.point], y: trace.y[hit.point], data: trace }] });
  }

  document.addEventListener("keydown", function (event) {
    var section = card(event.target);
    if (!section || event.target.closest("button, a, table") || event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (STEP[event.key] || event.key === "Home" || event.key === "End") { read(section, event.key); event.preventDefault(); }
    if (event.key === "Enter") { open(section); event.preventDefault(); }
  });

  document.addEventListener("focusout", function (event) {
    var section = card(event.target), gd = section && graph(section);
    if (section && section.reading) { section.reading = null; }
    if (gd && gd._fullLayout && gd.isConnected) { window.Plotly.Fx.unhover(gd); }
  });

  document.addEventListener("click", function (event) {
    var tool = event.target.closest && event.target.closest("[data-tool]"), section = tool && card(tool);
    if (!section) { return; }
    if (tool.dataset.tool === "table") { section.dataset.view = section.dataset.view === "table" ? "" : "table"; show(section); }
    if (tool.dataset.tool === "copy") { copy(section); }
    if (tool.dataset.tool === "png") { save(section); }
  });

  new MutationObserver(function (changes) {
    changes.forEach(function (change) { if (change.target.dataset.view === "table") { show(change.target); } });
  }).observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["data-twin"] });

  /* -- on paper: drawings shrink with the page instead of being cut ------------------ */

  window.addEventListener("beforeprint", function () {
    window.turns.settle();
    document.querySelectorAll(".js-plotly-plot .svg-container").forEach(function (box) {
      var width = box.clientWidth, height = box.clientHeight;
      box.style.setProperty("--shape", width + " / " + height);
      box.querySelectorAll(".main-svg").forEach(function (svg) { svg.setAttribute("viewBox", "0 0 " + width + " " + height);
        svg.setAttribute("preserveAspectRatio", "xMinYMid");
      });
    });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll(".js-plotly-plot .main-svg").forEach(function (svg) { svg.removeAttribute("viewBox"); });
  });
})();
