/* Outline: the zip file's data.pkl is run on a stack machine that has no other means
 * than the values below; then the dictionary it leaves is flattened into a table whose
 * data are the zip file's entries. Memory is bounded by the file's size, time by the
 * pickle's length. https://docs.python.org/3/library/pickletools.html has the opcodes. */
#include "pickle.h"

#include "text.h"
#include "zip.h"

#include <string.h>

enum {
    STACK_MAX = 16384, /* values; pickles hold them in batches of 1,000 */
    SPARE = 1 << 20,   /* bytes a small file may need beyond its size */
    DEPTH_MAX = 4,     /* of dictionaries with tensors */
    NAME_BYTES = 256,
};

#define NO_MEMORY "no memory for the checkpoint's table"

typedef enum { PLAIN, MARK, WHOLE, TEXT, TUPLE, LIST, DICT, GLOBAL, STORAGE, TENSOR } kind;

/* What may be asked for, by "module name". */
typedef struct {
    const char *name;
    enum { REBUILD_TENSOR, REBUILD_PARAMETER, NEW_DICT, STORAGE_TYPE } use;
    fleck_dtype dtype;
    uint32_t bytes; /* of a value */
} global;

static const global globals[] = {
    {"torch._utils _rebuild_tensor_v2", REBUILD_TENSOR, 0, 0},
    {"torch._utils _rebuild_parameter", REBUILD_PARAMETER, 0, 0},
    {"collections OrderedDict", NEW_DICT, 0, 0},
    {"argparse Namespace", NEW_DICT, 0, 0}, /* options of a training */
    {"torch FloatStorage", STORAGE_TYPE, FLECK_F32, 4},
    {"torch HalfStorage", STORAGE_TYPE, FLECK_F16, 2},
    {"torch BFloat16Storage", STORAGE_TYPE, FLECK_BF16, 2},
    {"torch CharStorage", STORAGE_TYPE, FLECK_I8, 1},
    {"torch DoubleStorage", STORAGE_TYPE, FLECK_OTHER, 8},
    {"torch LongStorage", STORAGE_TYPE, FLECK_OTHER, 8},
    {"torch IntStorage", STORAGE_TYPE, FLECK_OTHER, 4},
    {"torch ShortStorage", STORAGE_TYPE, FLECK_OTHER, 2},
    {"torch ByteStorage", STORAGE_TYPE, FLECK_OTHER, 1},
    {"torch BoolStorage", STORAGE_TYPE, FLECK_OTHER, 1},
};

typedef struct {
    const uint8_t *data;
    size_t count;
    const global *type;
} storage;

typedef struct item item;

typedef struct {
    item *first, *last;
    bool seen;
} dict;

/* Of PLAIN and LIST nothing is kept: no tensor that has a name is in them. */
typedef struct value {
    kind kind;
    uint32_t count; /* of text in bytes, of items */
    union {
        int64_t whole;
        const char *text;
        const struct value *items;
        dict *dict;
        const global *global;
        const storage *storage;
        const fleck_tensor *tensor; /* without a name; no data: not contiguous */
    } as;
} value;

struct item {
    value key; /* TEXT */
    value value;
    item *next;
};

typedef struct {
    fleck_arena *scratch;
    fleck_message *err;
    fleck_status status;
    const fleck_zip *zip;
    const char *root; /* "archive/" in "archive/data.pkl" */
    size_t root_length;
    const uint8_t *start, *at, *end;
    size_t budget; /* bytes that may still be taken */
    value *stack, *memo;
    size_t depth, memo_count, memo_room, items;
} machine;

/* ---- failing, and what all need ---- */

/* The first fault stops the machine after its present instruction, which goes on with
 * empty values. */
static void refuse(machine *m, const char *what) {
    if (!m->status)
        m->status =
            fleck_fail(m->err, FLECK_ERR_FORMAT, "damaged checkpoint: %s at byte %zu of %zu", what,
                       (size_t)(m->at - m->start), (size_t)(m->end - m->start));
}

/* NULL when there is no memory, or none left for a file of this size. */
static void *take(machine *m, size_t count, size_t size) {
    size_t need;
    if (!fleck_size_mul(count, size, &need) || need > m->budget) {
        refuse(m, "more objects than the file can hold");
        return NULL;
    }
    void *p = fleck_arena_alloc(m->scratch, count, size);
    need = fleck_aligned(need);
    m->budget -= need < m->budget ? need : m->budget;
    if (!p && !m->status) m->status = fleck_fail(m->err, FLECK_ERR_MEMORY, NO_MEMORY);
    return p;
}

/* The next bytes of the pickle; NULL at its end. */
static const uint8_t *next(machine *m, uint64_t bytes) {
    if (bytes > (size_t)(m->end - m->at)) {
        refuse(m, "the pickle ends early");
        return NULL;
    }
    m->at += bytes;
    return m->at - bytes;
}

/* A little-endian number of up to 8 bytes. */
static uint64_t number(machine *m, size_t bytes) {
    const uint8_t *p = next(m, bytes);
    uint64_t v = 0;
    for (size_t i = p ? bytes : 0; i; i--) v = v << 8 | p[i - 1];
    return v;
}

/* A new value on top, to be filled. */
static value *push(machine *m, kind what) {
    if (m->depth == STACK_MAX) {
        refuse(m, "nested too deep");
        m->depth--;
    }
    value *v = &m->stack[m->depth++];
    *v = (value){.kind = what};
    return v;
}

/* Whether that many values lie above the last mark. */
static bool has(machine *m, size_t count) {
    bool enough = m->depth >= count;
    for (size_t i = 1; enough && i <= count; i++) enough = m->stack[m->depth - i].kind != MARK;
    if (!enough) refuse(m, "an empty stack");
    return enough;
}

/* Whether the value on top is of that kind. */
static bool has_kind(machine *m, kind want) {
    if (!has(m, 1)) return false;
    if (m->stack[m->depth - 1].kind != want) refuse(m, "a value of another kind");
    return !m->status;
}

/* Takes all above the mark, and the mark; they stay readable until the next push. */
static const value *pop_mark(machine *m, size_t *count) {
    for (size_t i = m->depth; i; i--)
        if (m->stack[i - 1].kind == MARK) {
            *count = m->depth - i;
            m->depth = i - 1;
            return &m->stack[i];
        }
    refuse(m, "no mark");
    *count = 0;
    return NULL;
}

/* ---- objects ---- */

static void push_whole(machine *m, int64_t whole) { push(m, WHOLE)->as.whole = whole; }

static void push_text(machine *m, uint64_t length) {
    const uint8_t *text = next(m, length);
    value *v = push(m, TEXT);
    v->count = text ? (uint32_t)length : 0;
    v->as.text = (const char *)text;
}

static void push_dict(machine *m) {
    dict *d = take(m, 1, sizeof *d);
    if (d) *d = (dict){0};
    push(m, DICT)->as.dict = d;
}

/* A tuple of values that were on the stack. */
static void push_tuple(machine *m, const value *values, size_t count) {
    value *items = take(m, count, sizeof *items);
    if (!items) return;
    if (count) memcpy(items, values, count * sizeof *items);
    value *v = push(m, TUPLE);
    v->count = (uint32_t)count;
    v->as.items = items;
}

/* count keys and values by turns into the dictionary on top. Others than texts can
 * name no tensor. */
static void set_items(machine *m, const value *pairs, size_t count) {
    if (!has_kind(m, DICT)) return;
    if (count % 2) refuse(m, "a key without a value");
    dict *d = m->stack[m->depth - 1].as.dict;
    item *items = take(m, count / 2, sizeof *items);
    for (size_t i = 0; items && i < count / 2; i++) {
        if (pairs[2 * i].kind != TEXT) continue;
        items[i] = (item){pairs[2 * i], pairs[2 * i + 1], NULL};
        if (d->last)
            d->last->next = &items[i];
        else
            d->first = &items[i];
        d->last = &items[i];
        m->items++;
    }
}

static void push_global(machine *m, const char *module, size_t module_length, const char *name,
                        size_t name_length) {
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        const char *known = globals[i].name, *space = strchr(known, ' ');
        if ((size_t)(space - known) == module_length && strlen(space + 1) == name_length &&
            !memcmp(known, module, module_length) && !memcmp(space + 1, name, name_length)) {
            push(m, GLOBAL)->as.global = &globals[i];
            return;
        }
    }
    const char *module_text = fleck_text_printable(m->scratch, module, module_length),
               *name_text = fleck_text_printable(m->scratch, name, name_length);
    m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                           "the checkpoint asks to call %.80s.%.80s, which fleck never does",
                           module_text ? module_text : "", name_text ? name_text : "");
}

/* Up to the end of a line, which is not part of it. */
static const char *line(machine *m, size_t *length) {
    const uint8_t *from = m->at, *end = memchr(from, '\n', (size_t)(m->end - from));
    *length = end ? (size_t)(end - from) : 0;
    next(m, end ? *length + 1 : SIZE_MAX);
    return (const char *)from;
}

static void run_global(machine *m) {
    size_t module_length, name_length;
    const char *module = line(m, &module_length), *name = line(m, &name_length);
    if (!m->status) push_global(m, module, module_length, name, name_length);
}

static void run_stack_global(machine *m) {
    if (!has(m, 2)) return;
    const value *v = &m->stack[m->depth -= 2];
    if (v[0].kind != TEXT || v[1].kind != TEXT)
        refuse(m, "a value of another kind");
    else
        push_global(m, v[0].as.text, v[0].count, v[1].as.text, v[1].count);
}

/* ("storage", type, key, location, count) */
static void run_persistent_id(machine *m) {
    if (!has_kind(m, TUPLE)) return;
    const value *id = &m->stack[--m->depth], *part = id->as.items;
    if (id->count < 5 || part[0].kind != TEXT || part[0].count != 7 ||
        memcmp(part[0].as.text, "storage", 7) || part[1].kind != GLOBAL ||
        part[1].as.global->use != STORAGE_TYPE || part[2].kind != TEXT || part[4].kind != WHOLE) {
        refuse(m, "a storage of another form");
        return;
    }
    char name[NAME_BYTES];
    size_t length = fleck_print(name, sizeof name, "%.*sdata/%.*s", (int)m->root_length, m->root,
                                part[2].count < 64 ? (int)part[2].count : 64, part[2].as.text);
    const fleck_zip_entry *entry =
        length < NAME_BYTES ? fleck_zip_find(m->zip, name, length) : NULL;
    const global *type = part[1].as.global;
    storage *s = take(m, 1, sizeof *s);
    if (!entry)
        refuse(m, "a storage that is not in the file");
    else if ((uint64_t)part[4].as.whole > entry->size / type->bytes)
        refuse(m, "a storage larger than its entry");
    else if (s) {
        *s = (storage){entry->data, (size_t)part[4].as.whole, type};
        push(m, STORAGE)->as.storage = s;
    }
}

/* (storage, offset, sizes, strides, ...) */
static void rebuild_tensor(machine *m, const value *args) {
    const value *part = args->as.items;
    if (args->count < 4 || part[0].kind != STORAGE || part[1].kind != WHOLE ||
        part[2].kind != TUPLE || part[3].kind != TUPLE || part[2].count != part[3].count ||
        part[2].count > FLECK_DIMS_MAX) {
        refuse(m, "a tensor of another form");
        return;
    }
    const storage *from = part[0].as.storage;
    uint64_t offset = (uint64_t)part[1].as.whole;
    fleck_tensor *t = take(m, 1, sizeof *t);
    if (!t) return;
    *t = (fleck_tensor){.dtype = from->type->dtype, .ndim = part[2].count, .count = 1};
    bool contiguous = true, possible = true;
    for (uint32_t i = t->ndim; possible && i--;) {
        const value *size = &part[2].as.items[i], *stride = &part[3].as.items[i];
        possible =
            size->kind == WHOLE && stride->kind == WHOLE && (uint64_t)size->as.whole <= INT32_MAX;
        if (!possible) break;
        t->shape[i] = (size_t)size->as.whole;
        contiguous &= t->shape[i] < 2 || (uint64_t)stride->as.whole == t->count;
        possible = fleck_size_mul(t->count, t->shape[i], &t->count);
    }
    if (!possible)
        refuse(m, "a tensor of an impossible shape");
    else if (offset > from->count || t->count > from->count - (size_t)offset)
        refuse(m, "a tensor beyond its storage");
    else if (contiguous)
        t->data = from->data + (size_t)offset * from->type->bytes;
    push(m, TENSOR)->as.tensor = t;
}

/* Calls a global with a tuple. */
static void run_reduce(machine *m) {
    if (!has_kind(m, TUPLE) || !has(m, 2)) return;
    const value args = m->stack[--m->depth];
    if (!has_kind(m, GLOBAL)) return;
    int use = m->stack[--m->depth].as.global->use;
    if (use == REBUILD_TENSOR)
        rebuild_tensor(m, &args);
    else if (use == REBUILD_PARAMETER && args.count && args.as.items[0].kind == TENSOR)
        *push(m, TENSOR) = args.as.items[0];
    else if (use == NEW_DICT && !args.count)
        push_dict(m);
    else
        refuse(m, "a call of another form");
}

static void memo_put(machine *m, uint64_t index) {
    if (!has(m, 1)) return;
    if (index > m->memo_count) {
        refuse(m, "a memo out of turn");
        return;
    }
    if (index == m->memo_room) {
        size_t room = m->memo_room ? 2 * m->memo_room : 256;
        value *memo = take(m, room, sizeof *memo);
        if (!memo) return;
        if (index) memcpy(memo, m->memo, (size_t)index * sizeof *memo);
        m->memo = memo;
        m->memo_room = room;
    }
    m->memo_count += index == m->memo_count;
    m->memo[index] = m->stack[m->depth - 1];
}

static void memo_get(machine *m, uint64_t index) {
    if (index >= m->memo_count)
        refuse(m, "nothing in the memo");
    else
        *push(m, PLAIN) = m->memo[index];
}

/* An integer of any length; only those that fit can mean something. */
static void push_long(machine *m) {
    size_t bytes = (size_t)number(m, 1);
    if (bytes > 8) {
        next(m, bytes);
        push(m, PLAIN);
        return;
    }
    uint64_t v = number(m, bytes);
    if (bytes && bytes < 8 && v >> (8 * bytes - 1)) v |= UINT64_MAX << 8 * bytes;
    push_whole(m, (int64_t)v);
}

static void push_plain(machine *m, uint64_t bytes) {
    next(m, bytes);
    push(m, PLAIN);
}

/* One instruction that is no STOP. */
static void step(machine *m, uint8_t opcode) {
    const value *values;
    size_t count;
    switch (opcode) {
    case 0x80: /* PROTO */
        count = (size_t)number(m, 1);
        if (count < 2 || count > 5) refuse(m, "an unknown protocol");
        return;
    case 0x95: /* FRAME */
        next(m, 8);
        return;
    case '(': /* MARK */
        push(m, MARK);
        return;
    case 'N':  /* NONE */
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
        push_plain(m, 0);
        return;
    case 'G': /* BINFLOAT */
        push_plain(m, 8);
        return;
    case 'B': /* BINBYTES */
        push_plain(m, number(m, 4));
        return;
    case 'C': /* SHORT_BINBYTES */
        push_plain(m, number(m, 1));
        return;
    case 'J': /* BININT */
        push_whole(m, (int32_t)number(m, 4));
        return;
    case 'K': /* BININT1 */
        push_whole(m, (int64_t)number(m, 1));
        return;
    case 'M': /* BININT2 */
        push_whole(m, (int64_t)number(m, 2));
        return;
    case 0x8a: /* LONG1 */
        push_long(m);
        return;
    case 'X': /* BINUNICODE */
    case 'T': /* BINSTRING */
        push_text(m, number(m, 4));
        return;
    case 0x8c: /* SHORT_BINUNICODE */
    case 'U':  /* SHORT_BINSTRING */
        push_text(m, number(m, 1));
        return;
    case ']': /* EMPTY_LIST */
        push(m, LIST);
        return;
    case 'a': /* APPEND */
        if (!has(m, 2)) return;
        m->depth--;
        has_kind(m, LIST);
        return;
    case 'e': /* APPENDS */
        pop_mark(m, &count);
        has_kind(m, LIST);
        return;
    case '}': /* EMPTY_DICT */
        push_dict(m);
        return;
    case 's': /* SETITEM */
        if (!has(m, 3)) return;
        m->depth -= 2;
        set_items(m, m->stack + m->depth, 2);
        return;
    case 'u': /* SETITEMS */
        values = pop_mark(m, &count);
        set_items(m, values, count);
        return;
    case ')': /* EMPTY_TUPLE */
        push_tuple(m, NULL, 0);
        return;
    case 0x85: /* TUPLE1 */
    case 0x86: /* TUPLE2 */
    case 0x87: /* TUPLE3 */
        count = opcode - 0x84u;
        if (!has(m, count)) return;
        m->depth -= count;
        push_tuple(m, m->stack + m->depth, count);
        return;
    case 't': /* TUPLE */
        values = pop_mark(m, &count);
        push_tuple(m, values, count);
        return;
    case 'q': /* BINPUT */
        memo_put(m, number(m, 1));
        return;
    case 'r': /* LONG_BINPUT */
        memo_put(m, number(m, 4));
        return;
    case 0x94: /* MEMOIZE */
        memo_put(m, m->memo_count);
        return;
    case 'h': /* BINGET */
        memo_get(m, number(m, 1));
        return;
    case 'j': /* LONG_BINGET */
        memo_get(m, number(m, 4));
        return;
    case 'c': /* GLOBAL */
        run_global(m);
        return;
    case 0x93: /* STACK_GLOBAL */
        run_stack_global(m);
        return;
    case 'Q': /* BINPERSID */
        run_persistent_id(m);
        return;
    case 'R':  /* REDUCE */
    case 0x81: /* NEWOBJ */
        run_reduce(m);
        return;
    case 'b': /* BUILD: attributes are of no use here */
        if (!has(m, 2)) return;
        m->depth--;
        has_kind(m, DICT);
        return;
    }
    m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                           "the checkpoint has pickle opcode 0x%02x at byte %zu, which fleck never "
                           "runs",
                           opcode, (size_t)(m->at - m->start) - 1);
}

/* ---- the table ---- */

/* Adds what a dictionary holds, and those in it, each one once. Names begin with the
 * first length bytes of name. */
static void flatten(machine *m, fleck_arena *arena, dict *d, char name[NAME_BYTES], size_t length,
                    int depth, fleck_weights *out) {
    if (d->seen || depth > DEPTH_MAX) return;
    d->seen = true;
    for (const item *i = d->first; !m->status && i; i = i->next) {
        if (i->value.kind != TENSOR && i->value.kind != DICT) continue;
        size_t n = length + i->key.count;
        if (i->key.count > NAME_BYTES || n + 2 > NAME_BYTES) {
            refuse(m, "a name of over 250 bytes");
            return;
        }
        memcpy(name + length, i->key.as.text, i->key.count);
        if (i->value.kind == DICT) {
            name[n] = '.';
            flatten(m, arena, i->value.as.dict, name, n + 1, depth + 1, out);
            continue;
        }
        const char *copy = fleck_text_printable(arena, name, n);
        if (!copy)
            m->status = fleck_fail(m->err, FLECK_ERR_MEMORY, NO_MEMORY);
        else if (out->tensor_count == FLECK_TENSORS_MAX)
            refuse(m, "too many tensors");
        else if (!i->value.as.tensor->data)
            m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                                   "%.80s is not contiguous: save it with .contiguous()", copy);
        if (m->status) return;
        fleck_tensor *t = &out->tensors[out->tensor_count++];
        *t = *i->value.as.tensor;
        t->name = copy;
    }
}

static fleck_status read_table(machine *m, fleck_arena *arena, fleck_weights *out) {
    m->stack = FLECK_NEW(m->scratch, value, STACK_MAX);
    if (!m->stack) return fleck_fail(m->err, FLECK_ERR_MEMORY, NO_MEMORY);
    const uint8_t *opcode;
    while (!m->status && (opcode = next(m, 1)) && *opcode != '.') step(m, *opcode);
    if (m->status) return m->status;
    if (m->depth != 1 || m->stack[0].kind != DICT)
        return fleck_fail(m->err, FLECK_ERR_FORMAT,
                          "the checkpoint is no dictionary of tensors (state_dict)");
    size_t most = m->items < FLECK_TENSORS_MAX ? m->items : FLECK_TENSORS_MAX;
    out->tensors = FLECK_NEW(arena, fleck_tensor, most);
    if (!out->tensors) return fleck_fail(m->err, FLECK_ERR_MEMORY, NO_MEMORY);
    char name[NAME_BYTES];
    flatten(m, arena, m->stack[0].as.dict, name, 0, 1, out);
    return m->status ? m->status : fleck_weights_check_names(out, m->err);
}

bool fleck_is_checkpoint(const uint8_t *bytes, size_t size) {
    return size >= 4 &&
           (!memcmp(bytes, "PK\3\4", 4) || (bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5));
}

fleck_status fleck_checkpoint_open(fleck_arena *arena, const uint8_t *bytes, size_t size,
                                   fleck_weights *out, fleck_message *err) {
    if (bytes[0] == 0x80)
        return fleck_fail(err, FLECK_ERR_FORMAT,
                          "a checkpoint of before PyTorch 1.6: convert it with Python, "
                          "torch.save(torch.load(\"OLD\", map_location=\"cpu\"), \"NEW\")");
    fleck_arena scratch = {0};
    fleck_zip zip = {0};
    fleck_status status = fleck_zip_open(&scratch, bytes, size, &zip, err);
    const fleck_zip_entry *pickle = NULL, *order = NULL;
    for (size_t i = 0; i < zip.count; i++) {
        const fleck_zip_entry *e = &zip.entries[i];
        if (!pickle && fleck_ends_with(e->name, e->name_length, "data.pkl")) pickle = e;
        if (fleck_ends_with(e->name, e->name_length, "byteorder")) order = e;
    }
    if (!status && !pickle)
        status = fleck_fail(err, FLECK_ERR_FORMAT, "a zip file without data.pkl: no checkpoint");
    if (!status && order && order->size && order->data[0] != 'l')
        status = fleck_fail(err, FLECK_ERR_FORMAT, "the checkpoint is big-endian");
    if (!status) {
        machine m = {.scratch = &scratch,
                     .err = err,
                     .zip = &zip,
                     .root = pickle->name,
                     .root_length = pickle->name_length - strlen("data.pkl"),
                     .start = pickle->data,
                     .at = pickle->data,
                     .end = pickle->data + pickle->size,
                     .budget = size + SPARE};
        fleck_weights w = {0};
        status = read_table(&m, arena, &w);
        if (!status) *out = w;
    }
    fleck_arena_free(&scratch);
    return status;
}
