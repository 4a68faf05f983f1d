/** Work that goes on beside everything else, each with its progress and a button that ends it. */

import { button, h, setText } from '../dom.js';
import { texts } from '../texts/texts.js';

/** @typedef {import('../state/page.js').Task} Task */

export class Tasks {
    #rows =
        /** @type {Map<Task, {row: HTMLElement, amount: HTMLElement, meter: HTMLProgressElement}>} */ (
            new Map()
        );
    element = h('div', { class: 'tasks', role: 'group', 'aria-label': texts.notices.underWay });

    /** @param {import('../state/store.js').State} state */
    update({ page: { tasks } }) {
        for (const [task, { row }] of this.#rows)
            if (!tasks.includes(task)) {
                row.remove();
                this.#rows.delete(task);
            }
        for (const task of tasks) {
            const { amount, meter } = this.#rows.get(task) ?? this.#add(task);
            const { done, total } = task;
            const share = total ? done / total : 0;
            setText(amount, total ? `${Math.floor(100 * share)} %` : '');
            if (total) meter.value = share;
        }
    }

    /** @param {Task} task */
    #add(task) {
        const amount = h('span', { class: 'task-amount' });
        const meter = h('progress', { max: 1, 'aria-label': task.title });
        const row = h(
            'div',
            { class: 'task' },
            h('p', {}, task.title, ' ', amount),
            button(texts.cancel, task.cancel, { 'aria-label': texts.notices.cancel(task.title) }),
            meter,
        );
        const parts = { row, amount, meter };
        this.#rows.set(task, parts);
        this.element.append(row);
        return parts;
    }
}
