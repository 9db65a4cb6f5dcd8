/* The wall's own life: mounts the charts, turns the scenes, asks for news, tells when nobody answers.

   Nothing is ever added to or taken from the page after the start: texts, attributes and
   styles of the nodes with data-k change, charts are redrawn in place. */
(function () {
  'use strict';
  var LIMIT = 20000;          // an answer slower than this, or than a period and a third, counts as none (ms)
  var LONGEST = 25000;        // longest from one try to the next: back within 30 s of the server's return
  var SILENT = 3;             // so many periods without an answer and the frame says so
  var SOON = 300000;          // a new page is taken at a change of scene, but not later than this
  var SAVE = 10000;           // the board is kept for a power cut, not more often than this (ms)
  var BEAT = 60000, AWAKE = 300000, HOUR = 3600000;
  var DRIFT = [[0, 0], [4, 4], [-4, 4], [-4, -4], [4, -4]];
  var root = document.documentElement, kept = root.dataset.kept;
  var wall, words, form, nodes, scenes, marks, tag, period;
  var base = Date.now(), told = performance.now();    // the server's moment, and when it was told
  var at = 0, paused = false, turn = 0, tries = 0, drawn = {}, awake = 0, pollTimer = 0;
  var lastGood = performance.now(), lastGoodAt = 0, lastKept = 0, unsaved = '', saved = -SAVE, fresh = 0, renewing = false, night = '';
  var jitter = Math.random() * 20 * 60000;            // not all screens load at 03:00 sharp

  function each(list, work) { Array.prototype.forEach.call(list, work); }
  function text(selector, said) {
    var node = wall.querySelector(selector);
    if (node && node.textContent !== said) node.textContent = said;
  }
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function store(name, said) { try { localStorage.setItem(name, said); } catch (e) { /* full or forbidden */ } }
  function stored(name) { try { return JSON.parse(localStorage.getItem(name)); } catch (e) { return null; } }
  function forget() { try { localStorage.removeItem('wall-state'); localStorage.removeItem('wall-good'); } catch (e) { /* none */ } }

  /* -- clock: the server's moment and zone, carried on by a count that no setting of the screen changes -- */

  function now() { return base + performance.now() - told; }
  function local(ms) {
    var parts = {};
    each(form.formatToParts(new Date(ms)), function (p) { parts[p.type] = p.value; });
    return parts;
  }
  function dayOf(p) { return p.year + '-' + p.month + '-' + p.day; }
  function isoWeek(y, m, d) {
    var day = new Date(Date.UTC(y, m - 1, d));
    day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
    return Math.ceil(((day - Date.UTC(day.getUTCFullYear(), 0, 1)) / 864e5 + 1) / 7);
  }
  function setClock(iso) {
    var ms = Date.parse(iso);
    if (isFinite(ms) && Math.abs(ms - now()) > 2000) { base = ms; told = performance.now(); }
  }
  function within(span, clock) {
    var ends = span.split('-');
    return ends[0] < ends[1] ? clock >= ends[0] && clock < ends[1] : clock >= ends[0] || clock < ends[1];
  }
  function tick() {
    var p = local(now()), clock = p.hour + ':' + p.minute;
    text('.clock', clock);
    text('.date', words.weekdays[new Date(Date.UTC(+p.year, +p.month - 1, +p.day)).getUTCDay()] + ', ' +
      p.day + '/' + p.month + '/' + p.year + ' · ' + words.week.replace('{week}', two(isoWeek(+p.year, +p.month, +p.day))));
    text('.lunar', words.lunar[dayOf(p)] || '');
    save();
    var light = words.blank && within(words.blank, clock) && performance.now() > awake ? 'blank'
      : words.dim && within(words.dim, clock) ? 'dim' : '';
    if (wall.dataset.light !== light) wall.dataset.light = light;
    var silent = performance.now() - lastGood;
    if (silent > SILENT * period) sayGone();
    var tonight = dayOf(local(now() - 3 * HOUR - jitter));
    if (night && night !== tonight && !fresh) fresh = performance.now();
    night = fresh ? night : tonight;
    if ((fresh && performance.now() - fresh > SOON) || root.dataset.turned || silent > SOON) renew();
  }
  function sayGone() {
    var since = local(lastGoodAt), said = since.hour + ':' + since.minute;
    if (dayOf(since) !== dayOf(local(now()))) said += ' ' + since.day + '/' + since.month;
    text('.gone-since', (kept ? words.kept : words.gone).replace('{since}', said));
    if (wall.dataset.state !== 'gone') wall.dataset.state = 'gone';
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
    if ((news.build !== wall.dataset.build || news.shape !== wall.dataset.shape) && !fresh) fresh = performance.now();
  }
  function isState(news) {
    return news && typeof news.tag === 'string' && typeof news.build === 'string' && typeof news.shape === 'string' &&
      news.nodes && typeof news.nodes === 'object' && Object.keys(news.nodes).length > 0;
  }

  /* -- polling: after completion, with a limit, slower while nobody answers ------------------ */

  function address() {
    var asked = new URLSearchParams(location.search), said = 'state?since=' + encodeURIComponent(tag);
    ['ngon-ngu', 'khung'].forEach(function (name) {
      if (asked.get(name)) said += '&' + name + '=' + encodeURIComponent(asked.get(name));
    });
    return said;
  }
  function ask(url, options) {
    var patience = period ? Math.min(LIMIT, Math.max(period * 4 / 3, 2000)) : LIMIT;
    var abort = new AbortController(), limit = setTimeout(function () { abort.abort(); }, patience);
    options.signal = abort.signal;
    options.cache = 'no-store';
    return fetch(url, options).then(function (r) {
      if (r.status === 304) return [r, ''];
      return r.text().then(function (body) { return [r, body]; });
    }).finally(function () { clearTimeout(limit); });
  }
  function poll() {
    clearTimeout(pollTimer);
    var began = performance.now();
    ask(address(), {headers: {'If-None-Match': '"' + tag + '"'}}).then(function (answer) {
      var r = answer[0], news = null;
      if (r.status === 401) renew();
      if (r.status !== 304) {
        if (r.status !== 200) throw new Error('status ' + r.status);
        news = JSON.parse(answer[1]);
        if (!isState(news)) throw new Error('not a state');
      }
      setClock(r.headers.get('Wall-Now'));
      if (news) { apply(news); unsaved = answer[1]; save(); }
      good();
    }).catch(function () { tries += 1; }).then(function () {
      var apart = tries ? Math.min(period * (1 + tries / 3), Math.max(period, LONGEST)) : period;
      var spent = tries ? performance.now() - began : 0;
      clearTimeout(pollTimer);
      pollTimer = setTimeout(poll, Math.max(apart - spent, Math.min(period, 1000)));
    });
  }
  function save() {
    if (!unsaved || performance.now() - saved < SAVE) return;
    store('wall-state', unsaved);
    unsaved = '';
    saved = performance.now();
  }
  function good() {
    tries = 0;
    lastGood = performance.now();
    lastGoodAt = now();
    if (kept) { kept = ''; delete root.dataset.kept; fresh = fresh || performance.now(); }
    if (wall.dataset.state !== 'ok') wall.dataset.state = 'ok';
    if (!lastKept || lastGood - lastKept > 60000) {
      lastKept = lastGood;
      store('wall-good', JSON.stringify({at: lastGoodAt, ahead: lastGoodAt - Date.now()}));
    }
  }

  /* -- a new page only when the server has one to give ------------------------------------ */

  function renew() {
    if (renewing) return;
    renewing = true;
    ask(location.href, {}).then(function (answer) {
      if (answer[0].status === 401 && answer[1].indexOf('id="screen-code"') > 0) { forget(); location.reload(); return; }
      if (answer[0].ok && answer[1].indexOf('id="first-paint"') > 0) location.reload();
    }).catch(function () { /* not now; at the next change of scene */ }).then(function () {
      setTimeout(function () { renewing = false; }, 20000);
    });
  }

  /* -- scenes: those with something red first, those with nothing to say not at all ------------- */

  function turns() {
    var order = [];
    each(scenes, function (scene, i) { if (!scene.firstElementChild.dataset.skip) order.push(i); });
    if (!order.length) order = [0];
    function rank(i) { return +scenes[i].firstElementChild.dataset.rank || 0; }
    return order.sort(function (a, b) { return rank(a) - rank(b) || a - b; });
  }
  function move(step) {
    var order = turns(), place = order.indexOf(at);
    show(place < 0 ? order[0] : order[(place + step + order.length) % order.length]);
  }
  function show(next) {
    at = next;
    var order = turns(), place = order.indexOf(at);
    each(scenes, function (scene, i) { scene.dataset.on = i === at ? '1' : ''; });
    each(marks, function (mark, i) {
      mark.dataset.on = i === place ? '1' : '';
      mark.dataset.off = i < order.length && order.length > 1 ? '' : '1';
      mark.firstElementChild.style.transition = 'none';
      mark.firstElementChild.style.transform = 'scaleX(0)';
    });
    wall.dataset.scene = at;
    schedule(Math.max(place, 0));
    if (fresh) renew();
  }
  function schedule(place) {
    clearTimeout(turn);
    var seconds = parseFloat(scenes[at].firstElementChild.dataset.seconds) || 25;
    var fill = marks[place].firstElementChild;
    fill.style.transform = paused ? 'scaleX(1)' : 'scaleX(0)';
    if (paused) return;
    void fill.offsetWidth;
    fill.style.transition = 'transform ' + seconds + 's linear';
    fill.style.transform = 'scaleX(1)';
    turn = setTimeout(function () { move(1); }, seconds * 1000);
  }
  function key(event) {
    awake = performance.now() + AWAKE;
    if (event.key === 'ArrowRight' || event.key === 'MediaTrackNext') move(1);
    else if (event.key === 'ArrowLeft' || event.key === 'MediaTrackPrevious') move(-1);
    else if (event.key === ' ' || event.key === 'MediaPlayPause') {
      paused = !paused;
      wall.dataset.paused = paused ? '1' : '';
      show(at);
    } else return;
    event.preventDefault();
  }

  /* -- against burn-in; and a sign of life each minute ------------------------------------------- */

  function drift(step) {
    var shift = DRIFT[step % DRIFT.length];
    wall.style.setProperty('--drift-x', shift[0] + 'px');
    wall.style.setProperty('--drift-y', shift[1] + 'px');
    setTimeout(function () { drift(step + 1); }, 600000);
  }
  function beat() {
    var title = scenes[at].querySelector('.scene-title'), memory = performance.memory;
    var said = {
      scene: title ? title.textContent : '', version: +wall.dataset.version, build: wall.dataset.build,
      age: Math.round((performance.now() - lastGood) / 1000), state: wall.dataset.state,
      heap: memory ? memory.usedJSHeapSize / 1048576 : null,
      width: window.innerWidth * window.devicePixelRatio, height: window.innerHeight * window.devicePixelRatio
    };
    ask('beat', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(said)})
      .catch(function () { /* the office sees the silence */ }).then(function () { setTimeout(beat, BEAT); });
  }

  /* -- the board kept for when nobody answers ------------------------------------------------------ */

  function keep() {
    if (!navigator.serviceWorker) return;            // not on plain http from another machine
    navigator.serviceWorker.register('sw.js').then(function () { return navigator.serviceWorker.ready; }).then(function (found) {
      var parts = performance.getEntriesByType('resource').map(function (entry) { return entry.name; }).filter(function (name) {
        return name.indexOf(location.origin) === 0 && !/\/man-hinh\/(state|beat|sw\.js)/.test(name);
      });
      found.active.postMessage({page: location.href, parts: parts.concat(location.href)});
    }).catch(function () { /* the wall lives without */ });
  }
  function paintKept() {
    var state = stored('wall-state'), since = stored('wall-good') || {};
    base = Date.now() + (since.ahead || 0);
    told = performance.now();
    lastGood = -SILENT * period - 1;
    lastGoodAt = since.at || Date.parse(kept) || now();
    if (isState(state) && state.shape === wall.dataset.shape) apply(state);
    sayGone();
  }

  /* -- start ---------------------------------------------------------------------------------------- */

  function start() {
    words = JSON.parse(wall.dataset.words);
    form = new Intl.DateTimeFormat('en-GB', {timeZone: words.zone, hourCycle: 'h23', year: 'numeric', month: '2-digit',
      day: '2-digit', hour: '2-digit', minute: '2-digit'});
    nodes = {};
    each(wall.querySelectorAll('[data-k]'), function (node) { nodes[node.dataset.k] = node; });
    scenes = wall.querySelectorAll('.scene');
    marks = wall.querySelectorAll('.mark');
    tag = wall.dataset.tag;
    period = parseFloat(wall.dataset.period) * 1000;
    base = lastGoodAt = Date.parse(wall.dataset.now);
    told = lastGood = performance.now();
    if (kept !== undefined) paintKept();
    tick();
    setInterval(tick, 1000);
    show(turns()[0]);
    drift(0);
    document.addEventListener('keydown', key);
    window.addEventListener('online', poll);
    /* soon: it sets the clock, and heals a page in another language than the one mounted */
    pollTimer = setTimeout(poll, document.documentElement.lang === wall.lang ? Math.min(period, 1000) : 0);
    setTimeout(beat, 5000);
    document.fonts.ready.then(function () {
      drawAll();
      var cover = document.getElementById('first-paint');
      if (cover) cover.remove();
      wall.dataset.ready = '1';
      if (kept === undefined) setTimeout(keep, 2000);
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
