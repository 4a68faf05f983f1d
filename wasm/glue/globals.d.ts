/**
 * What types of the package name of browsers and of node. Where a program has the types of one of
 * these, these say nothing new; where it has neither, they stand in for them.
 */
declare global {
    interface AbortSignal {
        readonly aborted: boolean;
    }
    interface Blob {
        readonly size: number;
        readonly type: string;
    }
    interface HTMLCanvasElement {}
    interface HTMLImageElement {}
    interface HTMLVideoElement {}
    interface ImageBitmap {
        readonly height: number;
        readonly width: number;
    }
    interface ImageData {
        readonly height: number;
        readonly width: number;
    }
    interface MessagePort {}
    interface OffscreenCanvas {}
    interface Response {
        readonly status: number;
    }
    interface SymbolConstructor {
        readonly asyncDispose: unique symbol;
        readonly dispose: unique symbol;
    }
    interface URL {
        href: string;
    }
    interface VideoFrame {
        readonly timestamp: number;
    }
    namespace WebAssembly {
        interface Instance {}
        interface Memory {}
        interface Module {}
    }
}

/** So that types.js can name this file. */
export type Globals = typeof globalThis;
