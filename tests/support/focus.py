"""Whether people who use only a keyboard see where they are (WCAG 2.4.7), by the pixels of a real browser."""

from typing import NotRequired, TypedDict, cast

from playwright.sync_api import FloatRect, Page

_MARGIN = 8
_MOST_STOPS = 200

_PLACES = """() => {
    const groups = new Set();
    const stops = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(stops)].filter(e => {
        if (e.disabled || e.type === 'hidden' || e.tabIndex < 0 || !e.checkVisibility()) return false;
        if (e.type !== 'radio') return true;
        const known = groups.has(e.name);
        groups.add(e.name);
        return !known;
    });
}"""
"""Where Tab stops: of a group of radio buttons once."""

_STOP = """([among, margin]) => {
    const e = document.activeElement, root = document.documentElement;
    if (!e || e === document.body || e === root) return null;
    const r = e.getBoundingClientRect();
    const stop = {
        name: e.id || e.getAttribute('role') || e.innerText.trim(),
        among: e.matches(among),
        left: Math.max(r.left - margin, 0), top: Math.max(r.top - margin, 0),
        right: Math.min(r.right + margin, root.clientWidth), bottom: Math.min(r.bottom + margin, window.innerHeight),
    };
    if (!stop.among) return stop;
    const sides = ['Top', 'Right', 'Bottom', 'Left'].flatMap(s => [`border${s}Width`, `border${s}Color`]);
    const named = ['outlineStyle', 'outlineWidth', 'outlineColor', 'outlineOffset', 'boxShadow', 'backgroundColor',
        'color', 'textDecorationLine', 'textDecorationThickness', 'opacity', 'display', 'position', 'clip', ...sides];
    const painted = [...(e.labels ?? []), e].flatMap(each => [[each], [each, '::before'], [each, '::after']]);
    const look = () => painted.map(each => { const s = getComputedStyle(...each); return named.map(n => s[n]); });
    const around = ['opacity', 'filter', 'backdropFilter', 'mixBlendMode', 'isolation', 'visibility', 'contain', 'clip',
        'clipPath', 'maskImage', 'overflow', 'transform', 'perspective', 'zoom', 'backgroundColor', 'backgroundImage'];
    const chain = [[e.tagName, e.className, e.type, e.checked]];
    for (let a = e; a; a = a.parentElement) {
        const s = getComputedStyle(a);
        chain.push(around.map(n => s[n]).join());
    }
    const mine = hit => !hit || hit.contains(e) || e.contains(hit) || [...(e.labels ?? [])].some(l => l.contains(hit));
    const replaced = 'img, svg, svg *, picture, video, canvas, iframe, object, embed, input, select, textarea, button';
    const clear = ['backgroundImage', 'boxShadow', 'backdropFilter'];
    const paints = each => each.matches(replaced) || [undefined, '::before', '::after'].some(pseudo => {
        const s = getComputedStyle(each, pseudo), made = pseudo && !['none', 'normal'].includes(s.content);
        const filled = !/^rgba.*, 0[)]$/.test(s.backgroundColor);
        return made || filled || clear.some(n => s[n] !== 'none');
    });
    const hides = hit => {
        if (mine(hit)) return false;
        for (let a = hit; a && !a.contains(e); a = a.parentElement) if (paints(a)) return true;
        return false;
    };
    const [x, y] = [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
    const places = [[x, y], [r.left - 2, y], [r.right + 2, y], [x, r.top - 2], [x, r.bottom + 2]];
    const covered = places.some(place => hides(document.elementFromPoint(...place)));
    const media = ['(forced-colors: active)', '(max-width: 640px)'].map(m => matchMedia(m).matches);
    const sheets = [...document.styleSheets].map(s => s.href ?? s.ownerNode?.textContent ?? '');
    const focused = look();
    e.blur();
    const blurred = look();
    e.focus({preventScroll: true});
    return {...stop, covered, looks: JSON.stringify([chain, media, sheets, focused, blurred])};
}"""
"""What has the focus, if anything, and the part of the window with it and a margin.

Its looks are all that decides how it is painted, with the focus and without: equal there is equal on the screen, unless
something else that paints a surface lies over it.
"""

_TOP = """() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.blur();
    document.body.removeAttribute('tabindex');
    window.scrollTo(0, 0);
}"""
"""Nothing has the focus any more, and the next stop is the first one of the page."""

_WATCH = f"""given => {{
    const stopNow = {_STOP};
    const walk = window.walk = {{places: ({_PLACES})(), stops: [], elements: [], over: false}};
    const note = () => {{
        const e = document.activeElement;
        if (e === document.body && !walk.stops.length) return;
        const stop = walk.over || e === walk.elements[0] ? null : stopNow(given);
        walk.over ||= stop === null;
        if (walk.over) return;
        walk.stops.push(stop);
        walk.elements.push(e);
    }};
    walk.ended = () => {{
        removeEventListener('keydown', note, true);
        note();
        return walk.stops;
    }};
    walk.again = () => walk.elements.map(e => {{
        e.focus();
        return document.activeElement === e ? stopNow(given) : null;
    }});
    addEventListener('keydown', note, true);
    ({_TOP})();
    return walk.places.length;
}}"""
"""Notes each stop from the top on, as the next key is pressed or none any more; tells how many there should be.

After the last one comes the browser's own frame, or the first one where there is no such frame.
"""

_AGAIN = f"""() => {{
    const places = ({_PLACES})();
    const same = places.length === walk.places.length && places.every((e, number) => e === walk.places[number]);
    return same ? walk.again() : null;
}}"""
"""The stops of the last walk as they are now, unless there are others. What cannot have the focus any more is null."""

_seen: set[str] = set()
"""Such looks, whose difference was found on the screen: pictures are most of the work, and the same few come often."""


class _Stop(TypedDict):
    name: str
    among: bool
    left: float
    top: float
    right: float
    bottom: float
    covered: NotRequired[bool]
    looks: NotRequired[str]


def assert_focus_visible(page: Page, among: str = "*") -> list[str]:
    """Walk the page with Tab from its top: each stop must look different while it has the focus (WCAG 2.4.7).

    Looks at pixels, so it also holds for forced colours. Gives the stops in order, by id, role or text, for tests
    that care about the order (WCAG 2.4.3). `among` is a CSS selector: only stops that match it are looked at, all are
    counted. It saves time where the frame of a page has been looked at already.
    """
    expected = page.evaluate(_WATCH, [among, _MARGIN])
    assert expected < _MOST_STOPS, f"{page.url} has {expected} places to stop at"
    # To ask after every stop would be half the work; so would be to let the key go.
    for _ in range(expected + 1):
        page.keyboard.down("Tab")
    page.keyboard.up("Tab")
    found = cast("list[_Stop]", page.evaluate("walk.ended()"))
    stops = _all_seen(page, found)
    assert len(stops) == expected, f"{page.url}: Tab reached {len(stops)} of {expected} places: {stops}"
    return stops


def assert_same_focus_visible(page: Page) -> None:
    """After a walk, with the page shown otherwise: each stop is still one, there are no others, and each is seen.

    Tab goes by the document's order: with the same places to stop at, it takes the same way, and need not be pressed.
    """
    found = cast("list[_Stop | None] | None", page.evaluate(_AGAIN))
    assert found is not None, f"{page.url} has other places to stop at than before"
    kept = [stop for stop in found if stop is not None]
    assert len(kept) == len(found), f"{page.url}: something can't have the focus any more"
    _all_seen(page, kept)


def _all_seen(page: Page, found: list[_Stop]) -> list[str]:
    """Look at each stop of the walk that is to be looked at; give all, and let nothing have the focus."""
    for number, stop in enumerate(found):
        if not stop["among"]:
            continue
        _assert_in_window(stop)
        if not _known(stop):
            page.evaluate("number => walk.elements[number].focus()", number)
            assert focus_can_be_seen(page), f"{page.url}: focus on {stop['name']!r} is unseen"
    page.evaluate(_TOP)
    return [stop["name"] for stop in found]


def focus_can_be_seen(page: Page) -> bool:
    """Tell whether what has the focus looks different from what it looks like without (WCAG 2.4.7)."""
    stop = cast("_Stop | None", page.evaluate(_STOP, ["*", _MARGIN]))
    return stop is not None and _can_be_seen(page, stop)


def _assert_in_window(stop: _Stop) -> None:
    """Tab has scrolled it into view."""
    assert stop["right"] > stop["left"], "the focus is outside the window"
    assert stop["bottom"] > stop["top"], "the focus is outside the window"


def _known(stop: _Stop) -> bool:
    return not stop["covered"] and stop["looks"] in _seen


def _can_be_seen(page: Page, stop: _Stop) -> bool:
    """Look at the pixels around it, unless nothing lies over it and the same look was seen before."""
    _assert_in_window(stop)
    if _known(stop):
        return True
    seen = _pixels_differ(page, stop)
    if seen:
        _seen.add(stop["looks"])
    return seen


def _pixels_differ(page: Page, stop: _Stop) -> bool:
    area: FloatRect = {
        "x": stop["left"],
        "y": stop["top"],
        "width": stop["right"] - stop["left"],
        "height": stop["bottom"] - stop["top"],
    }
    with_focus = page.screenshot(clip=area, animations="disabled")
    page.evaluate("window.hadFocus = document.activeElement; hadFocus.blur()")
    without_focus = page.screenshot(clip=area, animations="disabled")
    page.evaluate("hadFocus.focus({preventScroll: true})")
    return with_focus != without_focus
