/* The wall's service worker: keeps the page and its parts, so that after a power cut the last board is
   painted again although no server answers, and says that it is old. It never stands between the page
   and the polls: those go straight to the server. Works where browsers allow it: https, or this machine. */
'use strict';
var STORE = 'wall-1', PAGE = '/man-hinh/', LIMIT = 8000;
var STATIC = ['/assets/', PAGE + 'assets/', PAGE + '_dash-component-suites/', '/_dash-component-suites/'];
var DATA = [PAGE + '_dash-layout', PAGE + '_dash-dependencies'];

self.addEventListener('install', function () { self.skipWaiting(); });
self.addEventListener('activate', function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener('message', function (event) { event.waitUntil(keepAll(event.data)); });
self.addEventListener('fetch', function (event) {
  var request = event.request, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && url.pathname === PAGE) event.respondWith(page(request, url));
  else if (DATA.indexOf(url.pathname) >= 0) event.respondWith(newest(request, nameOf(url, request.referrer)));
  else if (isStatic(url)) event.respondWith(once(request));
});

function isStatic(url) { return STATIC.some(function (start) { return url.pathname.indexOf(start) === 0; }); }
function nameOf(url, page) {
  return url.pathname + (DATA.indexOf(url.pathname) >= 0 && page ? '?of=' + encodeURIComponent(new URL(page).search) : url.search);
}
function limited(asking) {
  return Promise.race([asking, new Promise(function (done, fail) { setTimeout(fail, LIMIT, new Error('slow')); })]);
}
function put(name, response) {
  return caches.open(STORE).then(function (store) { return store.put(name, response); });
}
function kept(name) {
  return caches.open(STORE).then(function (store) { return store.match(name, {ignoreVary: true}); });
}

/* the page: the server's where it answers, else the one kept, marked as old */
function page(request, url) {
  var refused = null;
  return limited(fetch(request)).then(function (response) {
    if (response.status >= 500) { refused = response; throw new Error('status ' + response.status); }
    if (response.status === 401) return caches.delete(STORE).then(function () { return response; });
    if (response.ok) keepPage(url, response.clone());
    return response;
  }).catch(function (reason) {
    return kept(nameOf(url)).then(function (found) {
      if (!found && refused) return refused;      // the server's own words, and its script that asks again
      if (!found) throw reason;
      return found.text().then(function (text) {
        return new Response(asOld(text), {status: 200, headers: found.headers});
      });
    });
  });
}
function keepPage(url, response) {
  return response.text().then(function (text) {
    if (text.indexOf('id="first-paint"') < 0) return null;
    var headers = new Headers(response.headers);
    ['content-encoding', 'content-length', 'set-cookie'].forEach(function (name) { headers.delete(name); });
    return put(nameOf(url), new Response(text, {headers: headers})).then(function () { return tidy(text); });
  }).catch(function () { /* no room: the page lives without */ });
}
function asOld(text) {
  var now = /data-now="([^"]+)"/.exec(text), words = /data-kept-words="([^"]+)"/.exec(text), said = '';
  if (now && words) said = words[1].replace('{since}', now[1].slice(11, 16) + ' ' + now[1].slice(8, 10) + '/' + now[1].slice(5, 7));
  return text.replace('<html ', '<html data-kept="' + (now ? now[1] : '') + '" ')
    .replace('data-state="ok"', 'data-state="gone"')
    .replace(/(<div class="gone-since"[^>]*>)(<\/div>)/, function (all, open, close) { return open + said + close; });
}

/* data of the page: the newest there is */
function newest(request, name) {
  return limited(fetch(request)).then(function (response) {
    if (response.status >= 500) throw new Error('status ' + response.status);
    if (response.ok) put(name, response.clone()).catch(function () { /* no room */ });
    return response;
  }).catch(function (reason) {
    return kept(name).then(function (found) { if (!found) throw reason; return found; });
  });
}

/* programs, styles and letters: an address stands for one content */
function once(request) {
  return kept(request.url).then(function (found) {
    if (found) return found;
    return fetch(request).then(function (response) {
      if (response.status === 200) put(request.url, response.clone()).catch(function () { /* no room */ });
      return response;
    });
  });
}
function keepAll(told) {
  var asked = told.parts.map(function (address) {
    var url = new URL(address);
    if (url.pathname === PAGE) return fetch(address).then(function (r) { return r.ok ? keepPage(url, r) : null; });
    var name = isStatic(url) ? url.href : nameOf(url, told.page);
    return kept(name).then(function (found) {
      if (found && isStatic(url)) return null;
      return fetch(address, {referrer: told.page}).then(function (r) { return r.status === 200 ? put(name, r) : null; });
    });
  });
  return Promise.all(asked.map(function (one) { return one.catch(function () { return null; }); }));
}

/* former versions of what the page names now */
function plain(address) { return address.replace(/[?].*$/, '').replace(/\.v[\w-]+m[0-9a-fA-F]+\./, '.'); }
function tidy(text) {
  var named = {}, found, pattern = /(?:src|href)="(\/[^"]+)"/g;
  while ((found = pattern.exec(text))) named[plain(found[1])] = new URL(found[1], self.location.origin).href;
  return caches.open(STORE).then(function (store) {
    return store.keys().then(function (requests) {
      return Promise.all(requests.map(function (request) {
        var now = named[plain(new URL(request.url).pathname)];
        return now && isStatic(new URL(request.url)) && now !== request.url ? store.delete(request) : null;
      }));
    });
  });
}
