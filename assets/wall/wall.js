/* The wall's own life: mounts the charts, turns the scenes, asks for news, tells when nobody answers.

   Nothing is ever added to or taken from the page after the start: texts, attributes and
   styles of the nodes with data-k change, charts are redrawn in place. */
(function () {
  'use strict';
  var LIMIT = 10000;          // an answer slower than this counts as none (ms)
  var LONGEST = 25000;        // longest wait between two tries: back within 30 s of the server's return
  var SILENT = 3;             // so many periods without an answer and the frame says so
  var DRIFT = [[0, 0], [4, 4], [-4, 4], [-4, -4], [4, -4]];
  var wall, words, nodes, scenes, marks, tag, period, offset = 0;
  var at = 0, paused = false, turn = 0, tries = 0, fresh = null, drawn = {};
  var lastGood = performance.now(), lastGoodAt = Date.now(), pollTimer = 0;

  function each(list, work) { Array.prototype.forEach.call(list, work); }
  function text(selector, said) {
    var node = wall.querySelector(selector);
    if (node.textContent !== said) node.textContent = said;
  }
  function two(n) { return (n < 10 ? '0' : '') + n; }

  /* -- clock: the server's time and zone, whatever the screen's own may be ------------- */

  function local(ms) {
    var parts = {};
    var form = new Intl.DateTimeFormat('en-GB', {timeZone: words.zone, hourCycle: 'h23', year: 'numeric', month: '2-digit',
      day: '2-digit', hour: '2-digit', minute: '2-digit'});
    each(form.formatToParts(new Date(ms)), function (p) { parts[p.type] = p.value; });
    return parts;
  }
  function isoWeek(y, m, d) {
    var day = new Date(Date.UTC(y, m - 1, d));
    day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
    return Math.ceil(((day - Date.UTC(day.getUTCFullYear(), 0, 1)) / 864e5 + 1) / 7);
  }
  function tick() {
    var p = local(Date.now() + offset);
    var weekday = words.weekdays[new Date(Date.UTC(+p.year, +p.month - 1, +p.day)).getUTCDay()];
    text('.clock', p.hour + ':' + p.minute);
    text('.date', weekday + ', ' + p.day + '/' + p.month + '/' + p.year + ' · ' +
      words.week.replace('{week}', two(isoWeek(+p.year, +p.month, +p.day))));
    if (performance.now() - lastGood > SILENT * period) {
      var since = local(lastGoodAt + offset);
      text('.gone-since', words.gone.replace('{since}', since.hour + ':' + since.minute));
      wall.dataset.state = 'gone';
    }
  }
  function setClock(iso) {
    var off = Date.parse(iso) - Date.now();
    if (isFinite(off) && Math.abs(off - offset) > 60000) offset = off;
  }

  /* -- charts and texts, in place -------------------------------------------------------- */

  function draw(node, said) {
    if (!window.Plotly || drawn[node.dataset.k] === said) return;
    drawn[node.dataset.k] = said;
    var figure = JSON.parse(said);
    window.Plotly.react(node, figure.data, figure.layout, {displayModeBar: false, staticPlot: true});
  }
  function drawAll() { each(wall.querySelectorAll('[data-figure]'), function (node) { draw(node, node.dataset.figure); }); }

  function apply(news) {
    Object.keys(news.nodes).forEach(function (key) {
      var node = nodes[key], want = news.nodes[key];
      if (!node) return;
      if (want.t !== undefined && node.textContent !== want.t) node.textContent = want.t;
      Object.keys(want.a || {}).forEach(function (name) {
        if (node.getAttribute(name) !== want.a[name]) node.setAttribute(name, want.a[name]);
        if (name === 'data-figure') draw(node, want.a[name]);
      });
      Object.keys(want.s || {}).forEach(function (name) {
        if (node.style[name] !== want.s[name]) node.style[name] = want.s[name];
      });
    });
    tag = wall.dataset.tag = news.tag;
    wall.dataset.version = news.version;
    if (news.build !== wall.dataset.build || news.shape !== wall.dataset.shape) fresh = true;
  }

  /* -- polling: after completion, with a limit, slower while nobody answers ------------------ */

  function address() {
    var language = new URLSearchParams(location.search).get('ngon-ngu');
    return 'state?since=' + encodeURIComponent(tag) + (language ? '&ngon-ngu=' + encodeURIComponent(language) : '');
  }
  function poll() {
    clearTimeout(pollTimer);
    var abort = new AbortController();
    var limit = setTimeout(function () { abort.abort(); }, LIMIT);
    fetch(address(), {cache: 'no-store', headers: {'If-None-Match': '"' + tag + '"'}, signal: abort.signal}).then(function (r) {
      if (r.status === 304) return null;
      if (!r.ok) throw new Error('status ' + r.status);
      return r.json();
    }).then(function (news) {
      if (news && (typeof news.nodes !== 'object' || !news.tag)) throw new Error('not a state');
      if (news) { setClock(news.now); apply(news); }
      tries = 0;
      lastGood = performance.now();
      lastGoodAt = Date.now();
      wall.dataset.state = 'ok';
    }).catch(function () { tries += 1; }).then(function () {
      clearTimeout(limit);
      pollTimer = setTimeout(poll, tries ? Math.min(period * (1 + tries / 3), Math.max(period, LONGEST)) : period);
    });
  }

  /* -- a new page only when the server has one to give ------------------------------------ */

  function renew() {
    var abort = new AbortController();
    var limit = setTimeout(function () { abort.abort(); }, LIMIT);
    return fetch(location.href, {cache: 'no-store', signal: abort.signal}).then(function (r) {
      return r.ok ? r.text() : '';
    }).then(function (page) {
      if (page.indexOf('id="first-paint"') > 0) location.reload();
    }).catch(function () { /* not now; at the next change of scene */ }).then(function () { clearTimeout(limit); });
  }

  /* -- scenes -------------------------------------------------------------------------------- */

  function show(next) {
    at = (next + scenes.length) % scenes.length;
    each(scenes, function (scene, i) { scene.dataset.on = i === at ? '1' : ''; });
    each(marks, function (mark, i) {
      mark.dataset.on = i === at ? '1' : '';
      mark.firstElementChild.style.transition = 'none';
      mark.firstElementChild.style.transform = 'scaleX(0)';
    });
    wall.dataset.scene = at;
    schedule();
    if (fresh) renew();
  }
  function schedule() {
    clearTimeout(turn);
    var seconds = parseFloat(scenes[at].firstElementChild.dataset.seconds) || 25;
    var fill = marks[at].firstElementChild;
    fill.style.transform = paused ? 'scaleX(1)' : 'scaleX(0)';
    if (paused) return;
    void fill.offsetWidth;
    fill.style.transition = 'transform ' + seconds + 's linear';
    fill.style.transform = 'scaleX(1)';
    turn = setTimeout(function () { show(at + 1); }, seconds * 1000);
  }
  function key(event) {
    if (event.key === 'ArrowRight') show(at + 1);
    else if (event.key === 'ArrowLeft') show(at - 1);
    else if (event.key === ' ') {
      paused = !paused;
      wall.dataset.paused = paused ? '1' : '';
      schedule();
    } else return;
    event.preventDefault();
  }

  /* -- against burn-in --------------------------------------------------------------------------- */

  function drift(step) {
    var move = DRIFT[step % DRIFT.length];
    wall.style.setProperty('--drift-x', move[0] + 'px');
    wall.style.setProperty('--drift-y', move[1] + 'px');
    setTimeout(function () { drift(step + 1); }, 600000);
  }

  /* -- start ---------------------------------------------------------------------------------------- */

  function start() {
    words = JSON.parse(wall.dataset.words);
    nodes = {};
    each(wall.querySelectorAll('[data-k]'), function (node) { nodes[node.dataset.k] = node; });
    scenes = wall.querySelectorAll('.scene');
    marks = wall.querySelectorAll('.mark');
    tag = wall.dataset.tag;
    period = parseFloat(wall.dataset.period) * 1000;
    offset = Date.parse(wall.dataset.now) - Date.now();
    if (Math.abs(offset) < 60000) offset = 0;
    tick();
    setInterval(tick, 1000);
    show(0);
    drift(0);
    document.addEventListener('keydown', key);
    window.addEventListener('online', poll);
    /* a page in another language than the one mounted heals with the first answer */
    pollTimer = setTimeout(poll, document.documentElement.lang === wall.lang ? period : 0);
    document.fonts.ready.then(function () {
      drawAll();
      var cover = document.getElementById('first-paint');
      if (cover) cover.remove();
      wall.dataset.ready = '1';
    });
  }
  /* the chart library is fetched at once, but run only after the first paint: it takes a while */
  requestAnimationFrame(function () {
    setTimeout(function () {
      var script = document.createElement('script');
      script.src = document.getElementById('plotly').href;
      document.head.appendChild(script);
    }, 0);
  });
  var waited = 0;
  function wait() {
    wall = document.querySelector('#react-entry-point .wall');
    if (wall && (window.Plotly || !wall.querySelector('[data-figure]') || waited > 200)) { start(); return; }
    waited += 1;
    if (waited % 600 === 0) renew();       // mounted nothing in 30 s: the painted cover stays, try the page again
    setTimeout(wait, 50);
  }
  wait();
})();
