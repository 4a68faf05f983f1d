/** What a compiled module offers to engine.js; see exports.txt. */
export interface Module {
    _malloc(size: number): number;
    _free(at: number): void;
    _fleck_create(out: number): number;
    _fleck_destroy(det: number): void;
    _fleck_error(det: number): number;
    _fleck_configure(det: number, options: number): number;
    _fleck_load_backbone(det: number, bytes: number, size: number): number;
    _fleck_shape(det: number, out: number): number;
    _fleck_set_tiles(det: number, columns: number, rows: number): number;
    _fleck_photo_size(head: number, size: number, width: number, height: number): void;
    _fleck_suggest_tiles(
        det: number,
        sizes: number,
        count: number,
        columns: number,
        rows: number,
    ): number;
    _fleck_photo_pages(file: number, size: number): number;
    _fleck_measure(det: number, file: number, size: number, out: number): number;
    _fleck_set_sample_bits(det: number, bits: number): number;
    _fleck_sample_bits(det: number): number;
    _fleck_decode(det: number, file: number, size: number, rgba: number, capacity: number): number;
    _fleck_extract(det: number, file: number, size: number, patch: number, cls: number): number;
    _fleck_extracted(det: number, out: number): void;
    _fleck_extract_rgba(
        det: number,
        rgba: number,
        width: number,
        height: number,
        patch: number,
        cls: number,
    ): number;
    _fleck_add(det: number, patch: number, cls: number): number;
    _fleck_set_area(
        det: number,
        points: number,
        counts: number,
        includes: number,
        excludes: number,
        part: number,
    ): number;
    _fleck_set_area_mask(
        det: number,
        mask: number,
        width: number,
        height: number,
        part: number,
    ): number;
    _fleck_try_area(
        det: number,
        points: number,
        counts: number,
        includes: number,
        excludes: number,
        part: number,
        photo: number,
        patches: number,
        shift: number,
        map: number,
    ): number;
    _fleck_try_area_mask(
        det: number,
        mask: number,
        width: number,
        height: number,
        part: number,
        photo: number,
        patches: number,
        shift: number,
        map: number,
    ): number;
    _fleck_area(det: number, map: number): number;
    _fleck_area_follows(det: number): number;
    _fleck_area_shift(det: number, patch: number, out: number): number;
    _fleck_area_shift_added(det: number, index: number, out: number): number;
    _fleck_propose_area(det: number, patch: number, points: number, count: number): number;
    _fleck_count(det: number): number;
    _fleck_learn_most(det: number): number;
    _fleck_preview(det: number, unusual: number): number;
    _fleck_clear(det: number): number;
    _fleck_train_begin(det: number): number;
    _fleck_train_step(det: number, out: number): number;
    _fleck_score(det: number, patch: number, cls: number, heat: number, score: number): number;
    _fleck_score_added(det: number, index: number, heat: number, score: number): number;
    _fleck_judge_folder(det: number, out: number): number;
    _fleck_set_threshold(det: number, threshold: number): number;
    _fleck_threshold(det: number): number;
    _fleck_set_smallest_area(det: number, share: number): number;
    _fleck_smallest_area(det: number): number;
    _fleck_find_regions(
        det: number,
        heat: number,
        width: number,
        height: number,
        out: number,
    ): number;
    _fleck_groups_begin(det: number): number;
    _fleck_groups_add(
        det: number,
        patch: number,
        heat: number,
        width: number,
        height: number,
    ): number;
    _fleck_groups_add_added(
        det: number,
        index: number,
        heat: number,
        width: number,
        height: number,
    ): number;
    _fleck_groups_find(det: number, out: number): number;
    _fleck_explain(
        det: number,
        patch: number,
        x: number,
        y: number,
        count: number,
        similar: number,
        out: number,
    ): number;
    _fleck_explain_added(
        det: number,
        index: number,
        x: number,
        y: number,
        count: number,
        similar: number,
        out: number,
    ): number;
    _fleck_nearest_normal(det: number, patch: number, index: number): number;
    _fleck_nearest_normal_added(det: number, photo: number, index: number): number;
    _fleck_mark_photo(det: number, patch: number, cls: number, spot: number, mark: number): number;
    _fleck_mark_added(det: number, index: number, spot: number, mark: number): number;
    _fleck_mark_count(det: number): number;
    _fleck_list_marks(det: number, out: number): number;
    _fleck_known_by(det: number, patch: number, hash: number): number;
    _fleck_known_by_added(det: number, index: number, hash: number): number;
    _fleck_clear_marks(det: number): void;
    _fleck_review_marks(det: number, out: number): number;
    _fleck_propose_marks(det: number, photo: number, count: number): number;
    _fleck_save(det: number, out: number, capacity: number, size: number): number;
    _fleck_load(det: number, bytes: number, size: number): number;
    _fleck_peek_options(det: number, bytes: number, size: number, options: number): number;
}

export interface ModuleSettings {
    /** Threads to start with the module, besides the caller's. */
    poolSize?: number;
    wasmMemory: WebAssembly.Memory;
    /** Instantiates the module, which is compiled already, and gives it to receive. */
    instantiateWasm(
        imports: Record<string, Record<string, any>>,
        receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object;
    locateFile: (file: string) => string;
    /** The worker's script, which its threads load too. */
    mainScriptUrlOrBlob: string;
}

export default function create(settings: ModuleSettings): Promise<Module>;
