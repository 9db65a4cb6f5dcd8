/* Before anything is painted: zoom of the 1920 x 1080 canvas to this screen. */
(function () {
  'use strict';
  function fit() {
    var zoom = Math.min(window.innerWidth / 1920, window.innerHeight / 1080);
    document.documentElement.style.setProperty('--zoom', zoom);
  }
  fit();
  window.addEventListener('resize', fit);
})();
