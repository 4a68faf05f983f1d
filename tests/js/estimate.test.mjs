/** The estimate of how long a job still takes, web/inspection/estimate.js. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHOD_NAMES } from '../../build/package/constants.js';
import { costs, Estimate } from '../../web/inspection/estimate.js';

const shape = { patches: 784, dim: 384, tiles: { columns: 1, rows: 1 } };

/**
 * What is said of a job in which a unit takes a second, and what was right.
 * @param {[number, number][]} steps units that each was said to cost, and that it does cost
 */
function follow(steps) {
    let now = 0;
    const estimate = new Estimate(() => now);
    const whole = steps.reduce((sum, [, real]) => sum + real, 0);
    const heard = [];
    for (const [i, [said, real]] of steps.entries()) {
        const next = steps.slice(i + 1).reduce((sum, [units]) => sum + units, 0);
        estimate.begin(said, next);
        for (let done = 0; done <= 100; done++) {
            heard.push({ at: now / whole, whole: now + (estimate.left(done, 100) ?? NaN) });
            if (done < 100) now += real / 100;
        }
    }
    return { whole, heard };
}

test('a job that goes as expected is estimated at once', () => {
    const { whole, heard } = follow([
        [100, 100],
        [80, 80],
        [3, 3],
    ]);
    for (const { at, whole: said } of heard)
        if (at > 0.02) assert.ok(Math.abs(said - whole) < 0.01, `at ${at}: ${said}`);
});

for (const off of [0.75, 1.3])
    test(`learning that takes ${off} times what was expected moves it by less than a fifth`, () => {
        const { whole, heard } = follow([
            [100, 100],
            [80, 80 * off],
            [3, 3],
        ]);
        for (const { at, whole: said } of heard)
            if (at > 0.1) assert.ok(Math.abs(said / whole - 1) < 0.2, `at ${at}: ${said}`);
        const { whole: last } = /** @type {{whole: number}} */ (heard.at(-1));
        assert.ok(Math.abs(last - whole) < 0.01);
    });

test('nothing is said before there is something to go by', () => {
    const estimate = new Estimate(() => 5);
    assert.equal(estimate.left(1, 2), null);
    estimate.begin(100, 10);
    assert.equal(estimate.left(0, 100), null);
});

test('photos of a folder that are not learnt from take as long as photos that are read', () => {
    let now = 0;
    const estimate = new Estimate(() => now);
    estimate.begin(100, 110);
    now = 100;
    estimate.begin(110, 0, (done) => Math.min(done, 100) * 0.1 + Math.max(done - 100, 0));
    assert.equal(estimate.left(0, 200), 110);
    now = 110;
    assert.ok(Math.abs(estimate.left(100, 200) - 100) < 1e-9);
});

test('every method has its costs, less of them beside a larger backbone', () => {
    const vitB = { ...shape, dim: 1536 };
    for (const method of METHOD_NAMES.filter((name) => name !== 'paper')) {
        const { learn, score } = costs(method, shape, 100);
        assert.ok(learn > 0 && score > 0, method);
        assert.ok(costs(method, shape, 200).learn > learn);
        assert.ok(costs(method, vitB, 100).learn < learn / 2);
    }
});
