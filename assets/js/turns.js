/* Who is drawn first: what is in view at once, in the step that changes the page; the rest when that has been seen.
   What waits is hidden (aria-busy), so that nothing old stands beside what is new; it is drawn when it comes into view,
   when it is printed or taken away (`settle`), and otherwise in the browser's next idle moments. */
(function () {
  "use strict";
  var PATIENCE_MS = 50, SPELL_MS = 40; /* a click waits no longer than that */
  var places = new Map(), waiting = new Set(), asked = false, glance = null;
  var idle = window.requestIdleCallback || function (act) { setTimeout(act, 0); };

  var eyes = new IntersectionObserver(function (seen) {
    seen.forEach(function (one) {
      var place = places.get(one.target);
      if (!place) { return; }
      place.seen = one.isIntersecting;
      if (place.seen && waiting.has(place)) { turn(place); }
    });
  });

  /* A place in the page and how it is drawn. */
  function watch(node, draw) {
    var place = { node: node, draw: draw, seen: null };
    places.set(node, place);
    eyes.observe(node);
    return place;
  }

  function leave(place) {
    eyes.unobserve(place.node);
    places.delete(place.node);
    waiting.delete(place);
  }

  function due(place) {
    if (place.seen) { return turn(place); }
    place.node.setAttribute("aria-busy", "true");
    waiting.add(place);
    if (place.seen === null) { glance = glance || Promise.resolve().then(look); }
    rest();
  }

  function turn(place) {
    waiting.delete(place);
    place.node.removeAttribute("aria-busy");
    place.draw();
  }

  /* New places: the page is asked once for all where they lie, before any is drawn. */
  function look() {
    var fresh = Array.from(waiting).filter(function (place) { return place.seen === null; });
    glance = null;
    fresh.forEach(function (place) {
      var lies = place.node.getBoundingClientRect();
      place.seen = lies.bottom > 0 && lies.top < window.innerHeight;
    });
    fresh.forEach(function (place) { if (place.seen) { turn(place); } });
  }

  function rest() {
    if (asked || !waiting.size) { return; }
    asked = true;
    idle(function () {
      var until = performance.now() + SPELL_MS;
      asked = false;
      while (waiting.size && performance.now() < until) { turn(waiting.values().next().value); }
      rest();
    }, { timeout: PATIENCE_MS });
  }

  function settle() { waiting.forEach(turn); }

  window.turns = { watch: watch, leave: leave, due: due, settle: settle };
})();
