/** What testing.js takes of web/files/results_json.js. */
export function resultsJson(job: object, found: readonly object[]): string;
