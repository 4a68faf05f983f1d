/** What testing.js takes of web/files/report.js. */
export const PICTURES_MOST: number;
export function dateOf(): string;
export function reportOf(
    template: string,
    results: string,
    rest: { run: object; pictures: { photo: number; data: string }[] },
): string;
