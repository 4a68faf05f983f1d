/** A small page of a shop, as one finds them: everything at its place, other words, prices and
 * pictures at every visit; whole, or broken in one of three ways. */

export const BREAKS = ['shifted-card', 'missing-picture', 'unstyled-button'];

const NOUNS = 'Bolt Bracket Clamp Flange Gasket Hinge Latch Nut Pulley Rivet Spring Washer'.split(
    ' ',
);
const KINDS = 'brass steel zinc short long wide narrow black flat heavy light small'.split(' ');
const STYLE = `
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.4 sans-serif; color: #20242c; background: #f6f7f9; }
header { display: flex; gap: 28px; align-items: center; height: 56px; padding: 0 28px; background: #fff; border-bottom: 1px solid #dee2e8; color: #6e7682; }
header b { color: #20242c; font-size: 18px; margin-right: 120px; }
main { padding: 20px 28px; }
h1 { font-size: 22px; margin: 0 0 16px; }
ul { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 18px; margin: 0; padding: 0; list-style: none; }
li { background: #fff; border: 1px solid #dee2e8; border-radius: 8px; padding: 10px; }
img { display: block; width: 100%; height: 96px; }
h2 { font-size: 15px; margin: 8px 0 2px; }
p { margin: 0 0 8px; color: #6e7682; white-space: nowrap; overflow: hidden; }
.price { display: flex; justify-content: space-between; align-items: center; font-weight: bold; }
.buy { border: 0; border-radius: 6px; padding: 6px 14px; font: bold 13px sans-serif; color: #fff; background: #2662d9; }`;

/** Numbers in [0, 1), the same for the same visit. @param {number} visit */
function numbers(visit) {
    let state = visit + 1;
    const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
    next(); // the first of neighbours are alike
    return next;
}

/** Hills below a sky. @param {() => number} next */
function picture(next) {
    const colour = (hue, light) =>
        `hsl(${hue + next() * 40} ${25 + next() * 25}% ${light + next() * 20}%)`;
    const hill = (hue, height) =>
        `<path fill="${colour(hue, 30)}" d="M0 ${height + next() * 30}Q${next() * 280} ` +
        `${height - 40 + next() * 50} 280 ${height + next() * 30}V96H0Z"/>`;
    const svg =
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 280 96" preserveAspectRatio="none">` +
        `<rect width="280" height="96" fill="${colour(190, 65)}"/>` +
        `${hill(90, 40)}${hill(20, 60)}</svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/**
 * @param {number} visit
 * @param {string} [broken] one of BREAKS
 * @returns {string} the page, HTML that needs nothing else
 */
export function shop(visit, broken) {
    const next = numbers(visit);
    const of = (list) => list[Math.floor(next() * list.length)];
    const at = Math.floor(next() * 6);
    const card = (_, i) => {
        const harm = i === at ? broken : undefined;
        const style = harm === 'shifted-card' ? ' style="transform: translate(14px, 9px)"' : '';
        const whole = picture(next);
        const source = harm === 'missing-picture' ? 'data:,' : whole;
        const words = Array.from({ length: 3 + next() * 4 }, () => of(KINDS)).join(' ');
        const price = (1 + next() * 300).toFixed(2);
        return (
            `<li${style}><img src="${source}" alt="picture"><h2>${of(NOUNS)} ${of(KINDS)}</h2>` +
            `<p>${words}</p><div class="price">${price} €<button` +
            `${harm === 'unstyled-button' ? '' : ' class="buy"'}>Add</button></div></li>`
        );
    };
    return (
        `<!doctype html><html lang="en"><title>Shop</title><style>${STYLE}</style>` +
        `<header><b>Lagerhaus</b><span>Home</span><span>Parts</span><span>Orders</span>` +
        `<span>${Math.floor(next() * 90)} in the basket</span></header>` +
        `<main><h1>${of(NOUNS)}s and ${of(NOUNS)}s</h1>` +
        `<ul>${Array.from({ length: 6 }, card).join('')}</ul></main></html>`
    );
}
