/* Who is drawn first: what is in view at once, in the step that changes the page; the rest when that has been seen.
   What waits is hidden (aria-busy), so that nothing old stands beside what is new; it is drawn when it comes into view,
   when it is printed or taken away (`settle`), and otherwise as soon as the rest has been seen. */
(function () {
  "use strict";
  var SPELL_MS = 150; /* a click waits no longer than that */
  var places = new Map(), waiting = new Set(), asked = false, glance = null;

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
    if (place.seen === null) { glance = glance || Promise.resolve().then(look); } else { rest(); }
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
    if (!asked) { after(settle); } /* a new page: in one go */
  }

  /* The rest of a page that changed, when the change has been seen: the frame after the one that shows it has begun. */
  function rest() {
    if (asked) { return; }
    asked = true;
    requestAnimationFrame(function () { after(spell); });
  }

  function spell() {
    var until = performance.now() + SPELL_MS;
    try {
      while (waiting.size && performance.now() < until) { turn(waiting.values().next().value); }
    } finally { /* one that fails holds up no other */
      asked = waiting.size > 0;
      if (asked) { after(spell); }
    }
  }

  /* After the next frame. */
  function after(act) { requestAnimationFrame(function () { setTimeout(act, 0); }); }

  function settle() { waiting.forEach(turn); }

  window.turns = { watch: watch, leave: leave, due: due, settle: settle };
})();
