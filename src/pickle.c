/* Outline: the zip file's data.pkl is run on a stack machine that has no other means
 * than the values below; then the dictionary it leaves is flattened into a table whose
 * data are the zip file's entries. Memory is bounded by the file's size, time by the
 * pickle's length. https://docs.python.org/3/library/pickletools.html has the opcodes. */
#include "pickle.h"

#include "zip.h"

#include <stdio.h>
#include <string.h>

enum {
    STACK_MAX = 16384, /* values; pickles hold them in batches of 1,000 */
    SPARE = 1 << 20,   /* bytes a small file may need beyond its size */
    DEPTH_MAX = 4,     /* of dictionaries with tensors */
    NAME_BYTES = 256,
};

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
    const char *key;
    uint32_t key_length;
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

static bool refuse(machine *m, const char *what) {
    if (!m->status)
        m->status =
            fleck_fail(m->err, FLECK_ERR_FORMAT, "damaged checkpoint: %s at byte %zu of %zu", what,
                       (size_t)(m->at - m->start), (size_t)(m->end - m->start));
    return false;
}

static void *take(machine *m, size_t count, size_t size) {
    size_t need;
    void *p = NULL;
    if (!fleck_size_mul(count, size, &need) || need > m->budget) {
        refuse(m, "more objects than the file can hold");
    } else if (!(p = fleck_arena_alloc(m->scratch, count, size))) {
        m->status = fleck_fail(m->err, FLECK_ERR_MEMORY, "no memory for the checkpoint's table");
    } else {
        need = fleck_aligned(need);
        m->budget -= need < m->budget ? need : m->budget;
    }
    return p;
}

/* The next bytes of the pickle; NULL at its end. */
static const uint8_t *next(machine *m, size_t bytes) {
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

static bool push(machine *m, value v) {
    if (m->depth == STACK_MAX) return refuse(m, "nested too deep");
    m->stack[m->depth++] = v;
    return true;
}

static bool push_whole(machine *m, int64_t whole) {
    return push(m, (value){.kind = WHOLE, .as.whole = whole});
}

static bool pop(machine *m, value *out) {
    if (!m->depth || m->stack[m->depth - 1].kind == MARK) return refuse(m, "an empty stack");
    *out = m->stack[--m->depth];
    return true;
}

/* The value on top, which must be of that kind. */
static value *top(machine *m, kind want) {
    if (m->depth && m->stack[m->depth - 1].kind == want) return &m->stack[m->depth - 1];
    refuse(m, "a value of another kind");
    return NULL;
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
    return NULL;
}

static bool is_text(const value *v, const char *text) {
    return v->kind == TEXT && v->count == strlen(text) && !memcmp(v->as.text, text, v->count);
}

/* ---- objects ---- */

static bool push_text(machine *m, size_t length_bytes) {
    uint64_t length = number(m, length_bytes);
    const uint8_t *text = length <= UINT32_MAX ? next(m, (size_t)length) : NULL;
    if (!text) return refuse(m, "the pickle ends early");
    return push(m, (value){TEXT, (uint32_t)length, {.text = (const char *)text}});
}

static bool push_dict(machine *m) {
    dict *d = take(m, 1, sizeof *d);
    if (!d) return false;
    *d = (dict){0};
    return push(m, (value){.kind = DICT, .as.dict = d});
}

/* A tuple of the top count values, which the caller has taken off. */
static bool push_tuple(machine *m, const value *values, size_t count) {
    value *items = take(m, count, sizeof *items);
    if (!items) return false;
    if (count) memcpy(items, values, count * sizeof *items);
    return push(m, (value){TUPLE, (uint32_t)count, {.items = items}});
}

static bool push_short_tuple(machine *m, size_t count) {
    if (m->depth < count) return refuse(m, "an empty stack");
    for (size_t i = 0; i < count; i++)
        if (m->stack[m->depth - 1 - i].kind == MARK) return refuse(m, "an empty stack");
    m->depth -= count;
    return push_tuple(m, m->stack + m->depth, count);
}

/* count keys and values by turns into the dictionary on top. Others than texts can
 * name no tensor. */
static bool set_items(machine *m, const value *pairs, size_t count) {
    value *target = top(m, DICT);
    if (!target) return false;
    if (count % 2) return refuse(m, "a key without a value");
    item *items = take(m, count / 2, sizeof *items);
    if (!items) return false;
    dict *d = target->as.dict;
    for (size_t i = 0; i < count / 2; i++) {
        const value *key = &pairs[2 * i];
        if (key->kind != TEXT) continue;
        items[i] = (item){key->as.text, key->count, pairs[2 * i + 1], NULL};
        if (d->last)
            d->last->next = &items[i];
        else
            d->first = &items[i];
        d->last = &items[i];
        m->items++;
    }
    return true;
}

static bool push_global(machine *m, const char *module, size_t module_length, const char *name,
                        size_t name_length) {
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        const char *known = globals[i].name, *space = strchr(known, ' ');
        if ((size_t)(space - known) == module_length && strlen(space + 1) == name_length &&
            !memcmp(known, module, module_length) && !memcmp(space + 1, name, name_length))
            return push(m, (value){.kind = GLOBAL, .as.global = &globals[i]});
    }
    const char *module_text = fleck_text_copy(m->scratch, module, module_length),
               *name_text = fleck_text_copy(m->scratch, name, name_length);
    m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                           "the checkpoint asks to call %.80s.%.80s, which fleck never does",
                           module_text ? module_text : "", name_text ? name_text : "");
    return false;
}

/* Up to the end of a line, which is not part of it. */
static const char *line(machine *m, size_t *length) {
    const char *from = (const char *)m->at, *end = memchr(from, '\n', (size_t)(m->end - m->at));
    if (!end) {
        refuse(m, "the pickle ends early");
        return NULL;
    }
    *length = (size_t)(end - from);
    m->at += *length + 1;
    return from;
}

static bool run_global(machine *m) {
    size_t module_length, name_length;
    const char *module = line(m, &module_length), *name = module ? line(m, &name_length) : NULL;
    return name && push_global(m, module, module_length, name, name_length);
}

static bool run_stack_global(machine *m) {
    value name, module;
    if (!pop(m, &name) || !pop(m, &module)) return false;
    if (name.kind != TEXT || module.kind != TEXT) return refuse(m, "a value of another kind");
    return push_global(m, module.as.text, module.count, name.as.text, name.count);
}

/* ("storage", type, key, location, count) */
static bool run_persistent_id(machine *m) {
    value id;
    if (!pop(m, &id)) return false;
    const value *part = id.as.items;
    if (id.kind != TUPLE || id.count < 5 || !is_text(&part[0], "storage") ||
        part[1].kind != GLOBAL || part[1].as.global->use != STORAGE_TYPE || part[2].kind != TEXT ||
        part[4].kind != WHOLE)
        return refuse(m, "a storage of another form");
    char name[NAME_BYTES];
    int length = snprintf(name, sizeof name, "%.*sdata/%.*s", (int)m->root_length, m->root,
                          part[2].count < 64 ? (int)part[2].count : 64, part[2].as.text);
    const fleck_zip_entry *entry =
        length < NAME_BYTES ? fleck_zip_find(m->zip, name, (size_t)length) : NULL;
    const global *type = part[1].as.global;
    if (!entry) return refuse(m, "a storage that is not in the file");
    if (part[4].as.whole < 0 || (uint64_t)part[4].as.whole > entry->size / type->bytes)
        return refuse(m, "a storage larger than its entry");
    storage *s = take(m, 1, sizeof *s);
    if (!s) return false;
    *s = (storage){entry->data, (size_t)part[4].as.whole, type};
    return push(m, (value){.kind = STORAGE, .as.storage = s});
}

/* (storage, offset, sizes, strides, ...) */
static bool rebuild_tensor(machine *m, const value *args) {
    const value *part = args->as.items;
    if (args->count < 4 || part[0].kind != STORAGE || part[1].kind != WHOLE ||
        part[2].kind != TUPLE || part[3].kind != TUPLE || part[2].count != part[3].count ||
        part[2].count > FLECK_DIMS_MAX)
        return refuse(m, "a tensor of another form");
    const storage *from = part[0].as.storage;
    fleck_tensor *t = take(m, 1, sizeof *t);
    if (!t) return false;
    *t = (fleck_tensor){.dtype = from->type->dtype, .ndim = part[2].count, .count = 1};
    bool contiguous = true;
    for (uint32_t i = t->ndim; i; i--) {
        const value *size = &part[2].as.items[i - 1], *stride = &part[3].as.items[i - 1];
        if (size->kind != WHOLE || stride->kind != WHOLE || size->as.whole < 0 ||
            size->as.whole > INT32_MAX)
            return refuse(m, "a tensor of an impossible shape");
        t->shape[i - 1] = (size_t)size->as.whole;
        if (size->as.whole > 1 && (uint64_t)stride->as.whole != t->count) contiguous = false;
        if (!fleck_size_mul(t->count, t->shape[i - 1], &t->count))
            return refuse(m, "a tensor of an impossible shape");
    }
    if (part[1].as.whole < 0 || (uint64_t)part[1].as.whole > from->count ||
        t->count > from->count - (size_t)part[1].as.whole)
        return refuse(m, "a tensor beyond its storage");
    if (contiguous) t->data = from->data + (size_t)part[1].as.whole * from->type->bytes;
    return push(m, (value){.kind = TENSOR, .as.tensor = t});
}

/* Calls a global with a tuple. */
static bool run_reduce(machine *m) {
    value args, callee;
    if (!top(m, TUPLE) || !pop(m, &args) || !top(m, GLOBAL) || !pop(m, &callee)) return false;
    switch (callee.as.global->use) {
    case REBUILD_TENSOR:
        return rebuild_tensor(m, &args);
    case REBUILD_PARAMETER:
        if (!args.count || args.as.items[0].kind != TENSOR) break;
        return push(m, args.as.items[0]);
    case NEW_DICT:
        if (args.count) break;
        return push_dict(m);
    case STORAGE_TYPE:
        break;
    }
    return refuse(m, "a call of another form");
}

/* Attributes are of no use here. */
static bool run_build(machine *m) {
    value state;
    return pop(m, &state) && top(m, DICT);
}

static bool memo_put(machine *m, uint64_t index) {
    if (!m->depth || index > m->memo_count) return refuse(m, "a memo out of turn");
    if (index == m->memo_room) {
        size_t room = m->memo_room ? 2 * m->memo_room : 256;
        value *memo = take(m, room, sizeof *memo);
        if (!memo) return false;
        if (index) memcpy(memo, m->memo, (size_t)index * sizeof *memo);
        m->memo = memo;
        m->memo_room = room;
    }
    m->memo_count += index == m->memo_count;
    m->memo[index] = m->stack[m->depth - 1];
    return true;
}

static bool memo_get(machine *m, uint64_t index) {
    return index < m->memo_count ? push(m, m->memo[index]) : refuse(m, "nothing in the memo");
}

/* An integer of any length; only those that fit can mean something. */
static bool push_long(machine *m) {
    uint64_t bytes = number(m, 1), v;
    if (bytes > 8) return next(m, (size_t)bytes) && push(m, (value){.kind = PLAIN});
    v = number(m, (size_t)bytes);
    if (bytes && bytes < 8 && v >> (8 * bytes - 1)) v |= UINT64_MAX << 8 * bytes;
    return push_whole(m, (int64_t)v);
}

static bool skip_and_push(machine *m, uint64_t bytes) {
    if (bytes > (size_t)(m->end - m->at)) return refuse(m, "the pickle ends early");
    m->at += bytes;
    return push(m, (value){.kind = PLAIN});
}

/* One instruction that is no STOP. */
static bool step(machine *m, uint8_t opcode) {
    value v;
    const value *values;
    size_t count;
    switch (opcode) {
    case 0x80: /* PROTO */
        v.as.whole = (int64_t)number(m, 1);
        return (v.as.whole >= 2 && v.as.whole <= 5) || refuse(m, "an unknown protocol");
    case 0x95:
        return next(m, 8) != NULL; /* FRAME */
    case '(':
        return push(m, (value){.kind = MARK});
    case 'N':  /* NONE */
    case 0x88: /* NEWTRUE */
    case 0x89:
        return push(m, (value){.kind = PLAIN}); /* NEWFALSE */
    case 'G':
        return skip_and_push(m, 8); /* BINFLOAT */
    case 'B':
        return skip_and_push(m, number(m, 4)); /* BINBYTES */
    case 'C':
        return skip_and_push(m, number(m, 1)); /* SHORT_BINBYTES */
    case 'J':
        return push_whole(m, (int32_t)number(m, 4)); /* BININT */
    case 'K':
        return push_whole(m, (int64_t)number(m, 1)); /* BININT1 */
    case 'M':
        return push_whole(m, (int64_t)number(m, 2)); /* BININT2 */
    case 0x8a:
        return push_long(m); /* LONG1 */
    case 'X':                /* BINUNICODE */
    case 'T':
        return push_text(m, 4); /* BINSTRING */
    case 0x8c:                  /* SHORT_BINUNICODE */
    case 'U':
        return push_text(m, 1); /* SHORT_BINSTRING */
    case ']':
        return push(m, (value){.kind = LIST}); /* EMPTY_LIST */
    case 'a':
        return pop(m, &v) && top(m, LIST); /* APPEND */
    case 'e':
        return pop_mark(m, &count) && top(m, LIST); /* APPENDS */
    case '}':
        return push_dict(m); /* EMPTY_DICT */
    case 's':                /* SETITEM */
        if (m->depth < 3) return refuse(m, "an empty stack");
        m->depth -= 2;
        return set_items(m, m->stack + m->depth, 2);
    case 'u': /* SETITEMS */
        values = pop_mark(m, &count);
        return values && set_items(m, values, count);
    case ')':
        return push_tuple(m, NULL, 0); /* EMPTY_TUPLE */
    case 0x85:                         /* TUPLE1 */
    case 0x86:                         /* TUPLE2 */
    case 0x87:
        return push_short_tuple(m, opcode - 0x84u); /* TUPLE3 */
    case 't':                                       /* TUPLE */
        values = pop_mark(m, &count);
        return values && push_tuple(m, values, count);
    case 'q':
        return memo_put(m, number(m, 1)); /* BINPUT */
    case 'r':
        return memo_put(m, number(m, 4)); /* LONG_BINPUT */
    case 0x94:
        return memo_put(m, m->memo_count); /* MEMOIZE */
    case 'h':
        return memo_get(m, number(m, 1)); /* BINGET */
    case 'j':
        return memo_get(m, number(m, 4)); /* LONG_BINGET */
    case 'c':
        return run_global(m); /* GLOBAL */
    case 0x93:
        return run_stack_global(m); /* STACK_GLOBAL */
    case 'Q':
        return run_persistent_id(m); /* BINPERSID */
    case 'R':                        /* REDUCE */
    case 0x81:
        return run_reduce(m); /* NEWOBJ */
    case 'b':
        return run_build(m); /* BUILD */
    }
    m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                           "the checkpoint has pickle opcode 0x%02x at byte %zu, which fleck never "
                           "runs",
                           opcode, (size_t)(m->at - m->start) - 1);
    return false;
}

/* ---- the table ---- */

/* Adds what a dictionary holds, and those in it, each one once. Names begin with the
 * first length bytes of name. */
static bool flatten(machine *m, fleck_arena *arena, dict *d, char name[NAME_BYTES], size_t length,
                    int depth, fleck_weights *out) {
    if (d->seen || depth > DEPTH_MAX) return true;
    d->seen = true;
    for (const item *i = d->first; i; i = i->next) {
        if (i->value.kind != TENSOR && i->value.kind != DICT) continue;
        size_t n = length + i->key_length;
        if (i->key_length > NAME_BYTES || n + 2 > NAME_BYTES)
            return refuse(m, "a name of over 250 bytes");
        memcpy(name + length, i->key, i->key_length);
        if (i->value.kind == DICT) {
            name[n] = '.';
            if (!flatten(m, arena, i->value.as.dict, name, n + 1, depth + 1, out)) return false;
            continue;
        }
        if (out->tensor_count == FLECK_TENSORS_MAX) return refuse(m, "too many tensors");
        fleck_tensor *t = &out->tensors[out->tensor_count++];
        *t = *i->value.as.tensor;
        t->name = fleck_text_copy(arena, name, n);
        if (!t->name) return refuse(m, "no memory");
        if (!t->data) {
            m->status = fleck_fail(m->err, FLECK_ERR_FORMAT,
                                   "%.80s is not contiguous: save it with .contiguous()", t->name);
            return false;
        }
    }
    return true;
}

static void run(machine *m) {
    m->stack = FLECK_NEW(m->scratch, value, STACK_MAX);
    if (!m->stack) {
        m->status = fleck_fail(m->err, FLECK_ERR_MEMORY, "no memory for the checkpoint's table");
        return;
    }
    const uint8_t *opcode;
    while ((opcode = next(m, 1)) && *opcode != '.' && step(m, *opcode) && !m->status) continue;
}

static fleck_status read_table(machine *m, fleck_arena *arena, fleck_weights *out) {
    run(m);
    if (m->status) return m->status;
    value *last = m->depth == 1 ? top(m, DICT) : NULL;
    if (!last)
        return fleck_fail(m->err, FLECK_ERR_FORMAT,
                          "the checkpoint is no dictionary of tensors (state_dict)");
    size_t most = m->items < FLECK_TENSORS_MAX ? m->items : FLECK_TENSORS_MAX;
    out->tensors = FLECK_NEW(arena, fleck_tensor, most);
    if (!out->tensors)
        return fleck_fail(m->err, FLECK_ERR_MEMORY, "no memory for the checkpoint's table");
    char name[NAME_BYTES];
    flatten(m, arena, last->as.dict, name, 0, 1, out);
    return m->status ? m->status : fleck_weights_check_names(out, m->err);
}

static bool ends_with(const fleck_zip_entry *entry, const char *end) {
    size_t n = strlen(end);
    return entry->name_length >= n && !memcmp(entry->name + entry->name_length - n, end, n);
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
        if (!pickle && ends_with(&zip.entries[i], "data.pkl")) pickle = &zip.entries[i];
        if (ends_with(&zip.entries[i], "byteorder")) order = &zip.entries[i];
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
