/* The page with the code, or that figures cannot be read: asks every five seconds whether there is a board now. */
(function () {
  'use strict';
  var box = document.getElementById('screen-code'), shown = box && box.textContent.trim(), other = 0;
  function ask() {
    fetch('state', {cache: 'no-store'}).then(function (r) {
      if (r.status === 200 || (r.status === 401 && !box)) { location.reload(); return null; }
      if (r.status !== 401) return null;
      return r.json().then(function (told) {
        other = told.code === shown ? 0 : other + 1;
        if (other >= 3) location.reload();     // the code has run out: another one is shown
      });
    }).catch(function () { /* what is shown stays on the screen */ }).then(function () {
      setTimeout(ask, other ? 60000 : 5000);
    });
  }
  setTimeout(ask, 3000);
})();
