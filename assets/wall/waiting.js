/* The page with the code: asks every five seconds whether somebody has approved it. */
(function () {
  'use strict';
  var shown = document.getElementById('screen-code').textContent.trim(), other = 0;
  function ask() {
    fetch('state', {cache: 'no-store'}).then(function (r) {
      if (r.status === 200) { location.reload(); return null; }
      if (r.status !== 401) return null;
      return r.json().then(function (told) {
        other = told.code === shown ? 0 : other + 1;
        if (other >= 3) location.reload();     // the code has run out: another one is shown
      });
    }).catch(function () { /* the code stays on the screen */ }).then(function () {
      setTimeout(ask, other ? 60000 : 5000);
    });
  }
  setTimeout(ask, 3000);
})();
