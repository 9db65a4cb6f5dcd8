/* Component suites that most pages do without: fetched when a page first shows one of their components,
   the grid when it comes near the window or the page is idle. Until then a stand-in holds their place. */
(function () {
  "use strict";
  var meta = document.querySelector('meta[name="late"]');
  if (!meta) { return; }
  var said = JSON.parse(meta.content), fetched = {}, come = {}, IDLE_MS = 700, PATIENT = "dash_ag_grid";

  function fetchSuite(suite) {
    fetched[suite] = fetched[suite] || new Promise(function (done, failed) {
      var outside = window[suite], script = document.createElement("script");
      script.src = said.suites[suite];
      script.onload = function () {
        come[suite] = window[suite];
        window[suite] = outside;
        done(come[suite]);
      };
      script.onerror = failed;
      document.head.appendChild(script);
    });
    return fetched[suite];
  }

  function drawn(suite, name, props) {
    var R = window.React, real = come[suite], part = R.createElement(real[name], props);
    if (!real.MantineProvider) { return part; }
    return R.createElement(real.MantineProvider, { forceColorScheme: "dark", theme: said.theme }, part);
  }

  function standIn(suite, name) {
    return function (props) {
      var R = window.React, place = R.useRef(null), again = R.useState(0)[1];
      R.useEffect(function () {
        if (come[suite]) { return undefined; }
        var gone = false, watch = null, timer = null;
        function ask() { fetchSuite(suite).then(function () { if (!gone) { again(1); } }); }
        if (fetched[suite] || suite !== PATIENT) {
          ask();
        } else {
          watch = new IntersectionObserver(function (seen) { if (seen[0].isIntersecting) { ask(); } }, { rootMargin: "200px" });
          watch.observe(place.current);
          timer = setTimeout(function () { (window.requestIdleCallback || setTimeout)(ask); }, IDLE_MS);
        }
        return function () { gone = true; clearTimeout(timer); if (watch) { watch.disconnect(); } };
      }, []);
      if (come[suite]) { return drawn(suite, name, props); }
      return R.createElement("div", { ref: place, id: typeof props.id === "string" ? props.id : undefined,
        className: props.className, style: props.style, "aria-busy": "true" });
    };
  }

  Object.keys(said.suites).forEach(function (suite) {
    var made = {};
    window[suite] = new Proxy({}, {
      get: function (_, name) {
        if (typeof name === "string" && /^[A-Z]/.test(name)) {
          made[name] = made[name] || standIn(suite, name);
          return made[name];
        }
        if (name === "getApiAsync") {
          return function (id) { return fetchSuite(suite).then(function (real) { return real.getApiAsync(id); }); };
        }
        return come[suite] && come[suite][name];
      }
    });
  });
})();
