/** What a page does with what the element found. */
document.querySelector('fleck-inspector')?.addEventListener('fleck-result', (event) => {
    const { photos } = /** @type {CustomEvent} */ (event).detail;
    const names = photos
        .filter(({ verdict }) => verdict === 'defect')
        .map(({ name }) => name)
        .join(', ');
    const found = /** @type {HTMLElement} */ (document.getElementById('found'));
    found.textContent = `To be sorted out: ${names || 'none'}.`;
});
