"""What the browser says of a wall's boxes: texts that are cut, that leave their box or the screen, or lie on others."""

from __future__ import annotations

from playwright.sync_api import Page

CUT = """() => [...document.querySelectorAll('[data-fit], .tile, .chart, .rows, .body')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
    .filter(e => getComputedStyle(e).display !== 'inline')
    .map(e => [e.className, e.textContent, e.scrollWidth, e.clientWidth, e.scrollHeight, e.clientHeight])"""
LEAVES = """() => [...document.querySelectorAll('.heading, .body, .scene-foot, .time, .todo, .demo')]
    .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width && (r.left < -1 || r.top < -1 ||
        r.right > innerWidth + 1 || r.bottom > innerHeight + 1)).map(([e]) => e.className)
    .concat([...document.querySelectorAll('.todo')].flatMap(t => { const edge = t.getBoundingClientRect();
        return [...t.querySelectorAll('[data-fit]')].filter(e => e.textContent).map(e => {
            const r = document.createRange(); r.selectNodeContents(e); return [e, r.getBoundingClientRect()]; })
        .filter(([e, b]) => b.left < edge.left || b.right > edge.right + 1 || b.top < edge.top - 1 ||
            b.bottom > edge.bottom + 1).map(([e]) => e.className + ' leaves ' + t.textContent); }))
    .concat([...document.querySelectorAll('.scene')].flatMap(s => { const parts = ['.heading', '.body', '.scene-foot']
        .map(q => s.querySelector(q)).filter(e => e).map(e => e.getBoundingClientRect());
        return parts.slice(1).filter((p, i) => p.top < parts[i].bottom - 1).map(() => 'parts overlap'); }))"""
OVERLAP = """() => [...document.querySelectorAll('.tile')].flatMap(t => {
    const boxes = [...t.querySelectorAll('.label, .number, .unit, .change, .status, .foot')]
        .filter(e => e.textContent && getComputedStyle(e).display !== 'none')
        .map(e => { const r = document.createRange(); r.selectNodeContents(e);
                    const b = r.getBoundingClientRect(); return [e.className, b.left, b.right]; });
    const edge = t.getBoundingClientRect();
    return boxes.filter(b => b[1] < edge.left || b[2] > edge.right).map(b => b[0] + ' leaves ' + t.textContent); })"""
PLOTTED = """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
    const edge = plot.getBoundingClientRect(), texts = [...plot.querySelectorAll('text')]
        .filter(e => e.textContent.trim()).map(e => { const r = e.getBoundingClientRect(), slack = r.height * 0.2;
            return {said: e.textContent, left: r.left, right: r.right,
                    top: r.top + slack, bottom: r.bottom - slack}; });
    const leaves = texts.filter(t => t.left < edge.left - 1 || t.right > edge.right + 1 || t.top < edge.top - 1 ||
        t.bottom > edge.bottom + 1).map(t => t.said + ' leaves its plot');
    const overlap = texts.flatMap((a, i) => texts.slice(i + 1).filter(b => a.left < b.right - 1 &&
        b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(b => a.said + ' lies on ' + b.said));
    return [...leaves, ...overlap]; })"""
FRAME = """() => [...document.querySelectorAll('.wall')].flatMap(wall => {
    const boxes = ['.emblem', '.demo', '.lunar', '.clock', '.date'].map(q => wall.querySelector(q)).filter(e => e)
        .map(e => { const r = document.createRange(), outer = e.className === 'demo' || e.className === 'emblem';
            r.selectNodeContents(e); const b = (outer ? e : r).getBoundingClientRect(), slack = outer ? 0 : 0.2;
            return {said: e.className, left: b.left, right: b.right,
                    top: b.top + b.height * slack / 2, bottom: b.bottom - b.height * slack / 2}; });
    return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a.left < b.right + 4 && b.left < a.right + 4 &&
        a.top < b.bottom - 1 && b.top < a.bottom - 1).map(b => a.said + ' touches ' + b.said)); })"""


def misfits(page: Page) -> list[object]:
    """Everything on the page's walls that does not fit; empty when all of it can be read."""
    return [found for script in (CUT, OVERLAP, LEAVES, PLOTTED, FRAME) for found in page.evaluate(script)]
