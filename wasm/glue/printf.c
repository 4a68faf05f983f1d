/* What the linker puts in the place of vsnprintf: Emscripten's form without
 * floating point, which no message has and which is as large as the rest of it. */
#include <stdarg.h>
#include <stddef.h>

int vsniprintf(char *text, size_t size, const char *format, va_list args);
int __wrap_vsnprintf(char *text, size_t size, const char *format, va_list args);

int __wrap_vsnprintf(char *text, size_t size, const char *format, va_list args) {
    return vsniprintf(text, size, format, args);
}
