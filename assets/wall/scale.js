/* Before anything is painted: zoom of the canvas to this screen, and the right canvas for how it hangs.

   The server cannot know whether a screen hangs upright; it is told once, by cookie, and
   the page is asked for again. Later turns are left to wall.js, which first asks whether
   the server answers. */
(function () {
  'use strict';
  var root = document.documentElement, have = root.dataset.canvas, size = have === 'portrait' ? [1080, 1920] : [1920, 1080];
  function fit() {
    root.style.setProperty('--zoom', Math.min(window.innerWidth / size[0], window.innerHeight / size[1]));
    if (root.dataset.kept || /[?&]khung=/.test(location.search)) return false;
    var want = window.innerHeight > window.innerWidth ? 'portrait' : 'landscape', said = 'khung=' + want;
    if (want === have) { delete root.dataset.turned; return false; }
    var knew = document.cookie.indexOf(said) >= 0;
    document.cookie = said + '; path=/man-hinh/; max-age=31536000; samesite=lax';
    root.dataset.turned = '1';
    return !knew && document.cookie.indexOf(said) >= 0;
  }
  if (fit()) location.reload();
  window.addEventListener('resize', fit);
})();
