/* What Emscripten's threads name though fleck never calls it. Left to Emscripten, it would bring
 * along WebGL and its events, for canvases that threads share; stdout, for a warning of brk();
 * exit(), and what runs JavaScript in the main thread for another one. */
int emscripten_set_canvas_element_size(const char *target, int width, int height);
int emscripten_webgl_create_context(const char *target, const void *attributes);
double emscripten_receive_on_main_thread_js(int index, int count, double *args);
int printf(const char *format, ...);
_Noreturn void exit(int code);

int emscripten_set_canvas_element_size(const char *target, int width, int height) {
    (void)target, (void)width, (void)height;
    __builtin_trap();
}

int emscripten_webgl_create_context(const char *target, const void *attributes) {
    (void)target, (void)attributes;
    __builtin_trap();
}

double emscripten_receive_on_main_thread_js(int index, int count, double *args) {
    (void)index, (void)count, (void)args;
    __builtin_trap();
}

int printf(const char *format, ...) {
    (void)format;
    __builtin_trap();
}

void exit(int code) {
    (void)code;
    __builtin_trap();
}
