/* Weight files that lie: each is refused with a sentence that names the fault, and
 * nothing is read beyond its bytes. */
#include "check.h"
#include "golden.h"
#include "json.h"
#include "pickle.h"
#include "vit.h"
#include "vit_names.h"
#include "zip.h"
#include "zip_of.h"
#include "open.h"

#include <string.h>

enum { FILE_MAX = 1 << 20 };

/* Opens a copy that ends where the file does, so that sanitizers see every byte read
 * beyond it. */
static fleck_status open_bytes(const uint8_t *bytes, size_t size, fleck_message *err) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) exit(1);
    if (size) memcpy(copy, bytes, size);
    fleck_arena arena = {0};
    fleck_weights weights;
    err->text[0] = 0;
    fleck_status status = fleck_weights_open(&arena, copy, size, &weights, err);
    fleck_arena_free(&arena);
    free(copy);
    return status;
}

/* want NULL: taken; otherwise refused with a message that has it. */
static void check_open(const uint8_t *bytes, size_t size, const char *want) {
    fleck_message err;
    fleck_status status = open_bytes(bytes, size, &err);
    bool as_wanted = want ? status == FLECK_ERR_FORMAT && strstr(err.text, want) : !status;
    CHECK(as_wanted);
    if (!as_wanted)
        fprintf(stderr, "  want \"%s\", got %d \"%s\"\n", want ? want : "", status, err.text);
}

/* ---- safetensors ---- */

#define TENSOR(name, type, shape, begin, end)                                                      \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void test_safetensors(void) {
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"{" TENSOR("a", "F32", "[2,2]", "0", "16") "," TENSOR("b", "F16", "[]", "16", "18") "}",
         NULL},
        {"{" TENSOR("a", "F32", "[2,2]", "0", "16") "," TENSOR("b", "F32", "[2]", "12", "20") "}",
         "tensors a and b overlap"},
        {"{" TENSOR("a", "F32", "[2]", "8", "16") "," TENSOR("b", "F32", "[4]", "0", "16") "}",
         "tensors b and a overlap"},
        {"{" TENSOR("a", "F32", "[2]", "0", "8") "," TENSOR("a", "F32", "[2]", "8", "16") "}",
         "a is there twice"},
        {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "k is there twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", "__metadata__ is there twice"},
        {"{\"__metadata__\":[1]}", "__metadata__ is not an object"},
        {"{\"__metadata__\":{\"k\":1}}", "more than strings"},
        {"{" TENSOR("a", "F32", "[2]", "-8", "0") "}", "a has offsets that are no two sizes"},
        {"{" TENSOR("a", "F32", "[2]", "8", "0") "}", "a ends before it begins"},
        {"{" TENSOR("a", "F32", "[10]", "0", "40") "}", "cut short: 96 of 104 bytes"},
        {"{" TENSOR("a", "F64", "[10]", "0", "80") "," TENSOR("b", "I8", "[8]", "80", "88") "}",
         "cut short: 150 of 206 bytes"},
        {"{" TENSOR("b", "I8", "[8]", "80", "88") "," TENSOR("a", "I64", "[10]", "0", "80") "}",
         "cut short: 150 of 206 bytes"},
        {"{" TENSOR("a", "F32", "[9]", "0", "36") "," TENSOR("b", "F32", "[1]", "36", "44") "}",
         "b has 8 bytes for 1 values"},
        {"{" TENSOR("a", "F32", "[2]", "0", "18446744073709551616") "}", "a has offsets"},
        {"{" TENSOR("a", "F32", "[2]", "0", "4") "}", "a has 4 bytes for 2 values"},
        {"{" TENSOR("a", "F32", "[9223372036854775808]", "0", "0") "}", "a has an impossible"},
        {"{" TENSOR("a", "F32", "[4294967296,4294967296]", "0", "0") "}", "a has an impossible"},
        {"{" TENSOR("a", "F32", "[2147483647,2147483647,2147483647]", "0", "0") "}",
         "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[-1]", "0", "4") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[1.5]", "0", "4") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[8]", "0", "32") "}", NULL},
        {"{" TENSOR("a", "F32", "[4]", "0", "16") "," TENSOR("b", "F32", "[0]", "8", "8") "}",
         NULL},
        {"{" TENSOR("a", "F32", "[2]", "4", "8") "}", "a has 4 bytes for 2 values"},
        {"{" TENSOR("a", "F16", "[9]", "0", "18") "}", NULL},
        {"{" TENSOR("a", "F32", "[2147483647,0]", "0", "0") "}", NULL},
        {"{" TENSOR("a", "F32", "[2147483648,0]", "0", "0") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[\"2\"]", "0", "8") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[\"\"]", "0", "0") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "[2]", "\"0\"", "8") "}", "a has offsets that are no two sizes"},
        {"{" TENSOR("a", "F32", "[2]", "0", "\"8\"") "}", "a has offsets that are no two sizes"},
        {"{" TENSOR("a", "F32", "[1,1,1,1,1]", "0", "4") "}", "a has no shape of up to 4 dims"},
        {"{" TENSOR("a", "F33", "[1]", "0", "4") "}", "a is of an unknown type"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "a wants one type, one shape and one pair"},
        {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}",
         "a wants one type"},
        {"{\"a\":[1]}", "a is not an object"},
        {"{\"\\u001b[2J\":1}", "?[2J is not an object"},
        {"{" TENSOR("a", "F32", "[2]", "0", "8") "," TENSOR("\\u0061", "F32", "[2]", "8", "16") "}",
         "a is there twice"},
        {"{" TENSOR("a", "F32", "[[2],2]", "0", "8") "}", "a has an impossible shape"},
        {"{" TENSOR("a", "F32", "{\"a\":2}", "0", "8") "}", "a has no shape"},
        {"{" TENSOR("a", "F32", "[2]", "[0]", "[8]") "}", "a has offsets that are no two sizes"},
        {"{" TENSOR("a", "F32", "[2]", "0,4", "8") "}", "a has offsets that are no two sizes"},
        {"{\"t\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"k\"}:\"v\"}",
         "not JSON"},
        {"{\"a\" 1}", "not JSON"},
        {"{\"a\":{}", "not JSON"},
        {"{}}", "not JSON"},
        {"{\"a\":{}:\"b\":{},\"c\":{}}", "not JSON"},
        {"{\"a\":{\"shape\":[]:1,\"b\":2}}", "not JSON"},
        {"{\"a\":[\"b\":1]}", "not JSON"},
        {"{1:2}", "not JSON"},
        {"{\"a\"}", "not JSON"},
        {"{[]}", "not JSON"},
        {"{}{}", "not JSON"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        byte_file f = {0};
        put_le(&f, strlen(cases[i].header), 8);
        put(&f, cases[i].header, strlen(cases[i].header));
        put(&f, (uint8_t[32]){0}, 32);
        check_open(f.bytes, f.size, cases[i].want);
        if (!i) {
            set_le(f.bytes, 100 << 20, 8);
            check_open(f.bytes, f.size, "header of 104857600 bytes, at most 4194304");
            set_le(f.bytes, UINT64_MAX, 8);
            check_open(f.bytes, f.size, "header of 18446744073709551615 bytes");
            set_le(f.bytes, f.size - 7, 8);
            char cut[80];
            snprintf(cut, sizeof cut, "cut short: %zu of at least %zu bytes", f.size, f.size + 1);
            check_open(f.bytes, f.size, cut);
            set_le(f.bytes, strlen(cases[i].header) - 1, 8);
            check_open(f.bytes, f.size, "not JSON");
            set_le(f.bytes, 0, 8);
            check_open(f.bytes, f.size, "not JSON");
        }
        free(f.bytes);
    }

    byte_file deep = {0};
    put_le(&deep, FILE_MAX - 8, 8);
    put(&deep, "{\"a\":", 5);
    while (deep.size < FILE_MAX) put(&deep, "[", 1);
    check_open(deep.bytes, deep.size, "is nested too deep");
    deep.size = 13;
    while (deep.size + 2 <= FILE_MAX) put(&deep, "1,", 2);
    check_open(deep.bytes, deep.size, "cut short");
    set_le(deep.bytes, deep.size - 8, 8);
    memcpy(deep.bytes + 8, "{\"\":[", 5);
    check_open(deep.bytes, deep.size, "has too many entries");
    free(deep.bytes);
    check_open((const uint8_t *)"<!DOCTYPE html>", 15, "neither a safetensors file nor");
    check_open((const uint8_t *)"", 0, "neither a safetensors file nor");
}

/* Files that failed once, where they are at hand. */
static void test_cases(void) {
    static const char *const names[] = {"stray_colon_1.safetensors", "stray_colon_2000.safetensors",
                                        "json_key_as_value.json"};
    for (size_t i = 0; i < LEN(names); i++) {
        char path[1024];
        size_t size;
        fleck_arena arena = {0};
        fleck_message err = {""};
        fleck_json json;
        snprintf(path, sizeof path, "%s/cases/backbones/%s", FLECK_SHARED_DIR, names[i]);
        uint8_t *bytes = read_file(&arena, path, &size);
        if (!bytes) {
            SKIP_ABSENT(path);
        } else if (strstr(names[i], ".json")) {
            CHECK(fleck_json_parse(&arena, "text", (const char *)bytes, size, 100, &json, &err) ==
                  FLECK_ERR_FORMAT);
        } else {
            check_open(bytes, size, "safetensors header is not JSON");
        }
        fleck_arena_free(&arena);
    }
}

/* ---- zip ---- */

static void test_zip(void) {
    enum { ENTRY_FLAGS = 8, METHOD = 10, PACKED = 20, SIZE = 24, OFFSET = 42 };
    enum { ALL = 10, LENGTH = 12, BEGIN = 16, COMMENT = 20 }; /* of the record at the end */
    static const struct {
        int of; /* an entry of the directory, or -1: the record at the end */
        size_t at, bytes;
        uint64_t value;
        const char *want;
    } cases[] = {
        {0, METHOD, 2, 8, "zip entry a/data.pkl is compressed"},
        {1, METHOD, 2, 8, "zip entry a/data/0 is compressed"},
        {0, ENTRY_FLAGS, 2, 1, "zip entry a/data.pkl is encrypted"},
        {1, ENTRY_FLAGS, 2, 1 << 13, "zip entry a/data/0 is encrypted"},
        {0, SIZE, 4, 1000, "a/data.pkl is not where the directory says"},
        {0, OFFSET, 4, 1 << 20, "a/data.pkl is not where the directory says"},
        {0, OFFSET, 4, 0xFFFFFFFE, "a/data.pkl is not where the directory says"},
        {1, OFFSET, 4, 0, "a/data/0 is not where the directory says"},
        {0, OFFSET, 4, 0xFFFFFFFF, "a/data.pkl is beyond 4 GiB (zip64)"},
        {0, 28, 2, 0xFFFF, "entry 1 of 2"},
        {0, 28, 2, 3, "is not where the directory says"},
        {1, 0, 1, 0, "entry 2 of 2"},
        {-1, ALL, 2, 0xFFFF, "zip64"},
        {-1, LENGTH, 4, 0xFFFFFFFF, "zip64"},
        {-1, LENGTH, 4, 20, "its directory is not there"},
        {-1, ALL, 2, 1, "its directory is not there"},
        {-1, BEGIN, 4, 0x7FFFFFFF, "its directory is not there"},
        {-1, COMMENT, 2, 1, "cut short: after 230 bytes the directory"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        zip_entry entries[] = {{.name = "a/data.pkl", .data = "\x80\x02}.", .size = 4},
                               {.name = "a/data/0", .data = "0123456789abcdef", .size = 16}};
        byte_file f = {0};
        put_zip(&f, entries, 2);
        if (!i) check_open(f.bytes, f.size, NULL);
        size_t at = cases[i].of < 0 ? f.size - 22 : entries[cases[i].of].directory;
        set_le(f.bytes + at + cases[i].at, cases[i].value, cases[i].bytes);
        check_open(f.bytes, f.size, cases[i].want);
        if (cases[i].at == SIZE && !cases[i].of) { /* both sizes, over the next entry */
            set_le(f.bytes + at + SIZE, 40, 4);
            set_le(f.bytes + at + PACKED, 40, 4);
            check_open(f.bytes, f.size, "a/data/0 overlaps another");
        }
        free(f.bytes);
    }
    zip_entry twice[] = {{.name = "a/data.pkl", .data = "\x80\x02}.", .size = 4},
                         {.name = "a/data.pkl", .data = "\x80\x02}.", .size = 4}};
    byte_file f = {0};
    put_zip(&f, twice, 2);
    check_open(f.bytes, f.size, "a/data.pkl is there twice");
    f.size = 0;
    put_zip(&f, (zip_entry[]){{.name = "photo.png", .data = "", .size = 0}}, 1);
    check_open(f.bytes, f.size, "a zip file without data.pkl");
    f.size = 0;
    zip_entry big[] = {{.name = "a/byteorder", .data = "big", .size = 3}, twice[0]};
    put_zip(&f, big, 2);
    check_open(f.bytes, f.size, "big-endian");
    f.size = 0; /* in no folder */
    put_zip(&f, (zip_entry[]){{.name = "data.pkl", .data = "\x80\x02}.", .size = 4}}, 1);
    check_open(f.bytes, f.size, NULL);
    free(f.bytes);
}

/* ---- pickle ---- */

/* Bytes with their length, zeros included. */
#define BYTES(text) (text), sizeof(text) - 1

/* {"w": a 2x2 tensor} */
static const char good[] =
    "\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\n"
    "FloatStorage\nX\x01\0\0\0"
    "0X\x03\0\0\0cpuK\x04tQK\0K\x02K\x02\x86K\x02K\x01\x86\x89"
    "ccollections\nOrderedDict\n)RtRs.";

/* A checkpoint of that pickle and one storage of 16 bytes. */
static void check_pickle(const void *pickle, size_t size, const char *want) {
    zip_entry entries[] = {{.name = "a/data.pkl", .data = pickle, .size = size},
                           {.name = "a/data/0", .data = "0123456789abcdef", .size = 16}};
    byte_file f = {0};
    put_zip(&f, entries, 2);
    check_open(f.bytes, f.size, want);
    free(f.bytes);
}

/* The good pickle with one part replaced. */
static void test_replaced(void) {
    static const struct {
        const char *old;
        size_t old_size;
        const char *new;
        size_t new_size;
        const char *want;
    } cases[] = {
        {BYTES("\x80\x02"), BYTES("\x80\x04"), NULL},
        {BYTES("\x80\x02"), BYTES("\x80\x06"), "an unknown protocol"},
        {BYTES("K\x04t"), BYTES("K\x05t"), "a storage larger than its entry"},
        {BYTES("K\x04t"), BYTES("J\xff\xff\xff\xfft"), "a storage larger than its entry"},
        {BYTES("FloatStorage"), BYTES("DoubleStorage"), "a storage larger than its entry"},
        {BYTES("FloatStorage"), BYTES("UntypedStorage"), "asks to call torch.UntypedStorage"},
        {BYTES("K\0K\x02"), BYTES("K\x01K\x02"), "a tensor beyond its storage"},
        {BYTES("K\0K\x02"), BYTES("J\xff\xff\xff\xffK\x02"), "a tensor beyond its storage"},
        {BYTES("K\x02K\x02\x86"), BYTES("K\x02K\x03\x86"), "a tensor beyond its storage"},
        {BYTES("K\x02K\x02\x86"), BYTES("J\xff\xff\xff\xffK\x02\x86"), "an impossible shape"},
        {BYTES("K\x02K\x02\x86"), BYTES("\x8a\x08\0\0\0\0\0\0\0\x80K\x02\x86"),
         "an impossible shape"},
        {BYTES("K\x02K\x02\x86"), BYTES("\x8a\x09\0\0\0\0\0\0\0\x80\0K\x02\x86"),
         "an impossible shape"},
        {BYTES("K\x02K\x02\x86K\x02K\x01\x86"),
         BYTES("(\x8a\x04\xff\xff\xff\x7f\x8a\x04\xff\xff\xff\x7f\x8a\x04\xff\xff\xff\x7ft(K\0K\0K"
               "\0t"),
         "an impossible shape"},
        {BYTES("K\x02K\x01\x86"), BYTES("K\x01K\x02\x86"), "w is not contiguous"},
        {BYTES("K\x02K\x01\x86"), BYTES("K\x02\x85"), "a tensor of another form"},
        {BYTES("K\x02K\x01\x86"), BYTES("NN\x86"), "an impossible shape"},
        {BYTES("\0\0\0"
               "0X"),
         BYTES("\0\0\0"
               "9X"),
         "a storage that is not in the file"},
        {BYTES("storage"), BYTES("sausage"), "a storage of another form"},
        {BYTES("w"), BYTES("\x1b"), NULL},
        {BYTES("X\x01\0\0\0w"), BYTES("X\xff\xff\xff\xffw"), "the pickle ends early"},
        {BYTES("X\x01\0\0\0w"), BYTES("Nw"), "opcode 0x77"},
        {BYTES("_rebuild_tensor_v2"), BYTES("_rebuild_tensor_v9"),
         "torch._utils._rebuild_tensor_v9"},
        {BYTES(")R"), BYTES("]R"), "a value of another kind"},
        {BYTES(")R"), BYTES("K\x01\x85R"), "a call of another form"},
        {BYTES(")R"), BYTES(")oR"), "opcode 0x6f"},
        {BYTES("s."), BYTES("0."), "opcode 0x30"},
        {BYTES("s."), BYTES("."), "no dictionary of tensors"},
        {BYTES("s."), BYTES("ss."), "an empty stack"},
        {BYTES("s."), BYTES("(s."), "an empty stack"},
        {BYTES("s."), BYTES("sX\x01\0\0\0wh\x01s."), "nothing in the memo"},
        {BYTES("s."), BYTES("r\xff\xff\xff\xffs."), "a memo out of turn"},
        {BYTES("s."), BYTES("q\0sX\x01\0\0\0wh\0s."), "w is there twice"},
        {BYTES("s."), BYTES("sc__builtin__\neval\n."), "asks to call __builtin__.eval"},
        {BYTES("s."), BYTES("scposix\nsystem\n(X\x02\0\0\0lstR."), "asks to call posix.system"},
        {BYTES("s."), BYTES("s\x8c\x05posix\x8c\x06system\x93."), "asks to call posix.system"},
        {BYTES("s."), BYTES("sc\x1b[1m\nx\n."), "asks to call ?[1m.x"},
        {BYTES("s."), BYTES("s(iposix\nsystem\n."), "opcode 0x69"},
        {BYTES("s."), BYTES("sctorch\nFloatStorage\n)R."), "a call of another form"},
        {BYTES("s."), BYTES("s(e."), "a value of another kind"},
        {BYTES("s."), BYTES("se."), "no mark"},
    };
    size_t size = sizeof good - 1;
    for (size_t i = 0; i < LEN(cases); i++) {
        char changed[512];
        size_t at = 0;
        while (at + cases[i].old_size <= size && memcmp(good + at, cases[i].old, cases[i].old_size))
            at++;
        bool found = at + cases[i].old_size <= size;
        size_t rest = found ? size - at - cases[i].old_size : 0;
        if (!found) at = size;
        memcpy(changed, good, at);
        memcpy(changed + at, cases[i].new, cases[i].new_size);
        memcpy(changed + at + cases[i].new_size, good + size - rest, rest);
        check_pickle(changed, at + cases[i].new_size + rest, cases[i].want);
    }
    for (size_t cut = 0; cut < size; cut++) {
        zip_entry entries[] = {{.name = "a/data.pkl", .data = good, .size = cut},
                               {.name = "a/data/0", .data = "0123456789abcdef", .size = 16}};
        byte_file f = {0};
        fleck_message err;
        put_zip(&f, entries, 2);
        CHECK(open_bytes(f.bytes, f.size, &err) == FLECK_ERR_FORMAT && err.text[0]);
        free(f.bytes);
    }
}

/* Small files that ask for much. */
static void test_bombs(void) {
    static const struct {
        const char *first, *again, *want;
    } cases[] = {
        {"\x80\x02", "(", "nested too deep"},
        {"\x80\x02", "]", "nested too deep"},
        {"\x80\x02]", "}a", "more objects than the file can hold"},
        {"\x80\x02]",
         ")\x94"
         "a",
         "more objects than the file can hold"},
        {"\x80\x02}", "X", "the pickle ends early"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        byte_file f = {0};
        put(&f, cases[i].first, strlen(cases[i].first));
        while (f.size < 300000) put(&f, cases[i].again, strlen(cases[i].again));
        check_pickle(f.bytes, f.size, cases[i].want);
        free(f.bytes);
    }
    /* a dictionary in itself, and one that many share, end */
    check_pickle(BYTES("\x80\x02}q\0X\x01\0\0\0ah\0s."), NULL);
    check_pickle(BYTES("\x80\x02}q\0(X\x01\0\0\0ah\0X\x01\0\0\0bh\0u."), NULL);
}

/* Tensors are looked for in dictionaries four deep, and in no deeper ones. */
static void test_depth(void) {
    static const char strides[] = "K\x02K\x01\x86";
    for (int outer = 3; outer <= 4; outer++) {
        byte_file f = {0};
        put(&f, BYTES("\x80\x02"));
        for (int i = 0; i < outer; i++) put(&f, BYTES("}X\x01\0\0\0a"));
        size_t at = f.size;
        put(&f, good + 2, sizeof good - 4);
        while (memcmp(f.bytes + at, strides, sizeof strides - 1)) at++;
        memcpy(f.bytes + at, "K\x01K\x02\x86", sizeof strides - 1); /* not contiguous */
        for (int i = 0; i < outer; i++) put(&f, "s", 1);
        put(&f, ".", 1);
        check_pickle(f.bytes, f.size, outer == 3 ? "a.a.a.w is not contiguous" : NULL);
        free(f.bytes);
    }
}

/* ---- names ---- */

static void test_names(void) {
    static const struct {
        const char *names[3];
        const char *got[3]; /* what becomes of them */
        const char *want;   /* or the refusal */
    } cases[] = {
        {{"cls_token", "head.weight", "norm.bias"}, {"cls_token", "norm.bias"}, NULL},
        {{"a.b.cls_token", "pos_embed", "a.b.reg_token"}, {"cls_token", "register_tokens"}, NULL},
        {{"student.cls_token", "teacher.cls_token", "teacher.pos_embed"},
         {"cls_token", "pos_embed"},
         NULL},
        {{"teacher.x.cls_token", "student.x.cls_token", "student.x.pos_embed"},
         {"cls_token"},
         NULL},
        {{"vit.embeddings.cls_token", "vit.encoder.layer.11.output.dense.bias",
          "vit.encoder.layer.0.layer_scale2.lambda1"},
         {"cls_token", "blocks.11.mlp.fc2.bias", "blocks.0.ls2.gamma"},
         NULL},
        {{"cls_token", "blocks.1.11.attn.qkv.bias", "blocks.0.mlp.fc1.weight_scale"},
         {"cls_token", "blocks.11.attn.qkv.bias", "blocks.0.mlp.fc1.weight_scale"},
         NULL},
        {{"pos_embed"}, {0}, "no tensor is called cls_token"},
        {{"x_cls_token"}, {0}, "no tensor is called cls_token"},
        {{"model.cls_token", "model_ema.cls_token"},
         {0},
         "model.cls_token and model_ema.cls_token"},
        {{"teacher.a.cls_token", "student.cls_token", "teacher.b.cls_token"},
         {0},
         "teacher.a.cls_token and teacher.b.cls_token"},
        {{"cls_token", "blocks.0.mlp.w12.weight"}, {0}, "blocks.0.mlp.w12.weight is of a SwiGLU"},
        {{"embeddings.cls_token", "encoder.layer.3.mlp.weights_in.bias"}, {0}, "SwiGLU"},
        {{"cls_token", "blocks.0.attn.q_norm.weight"},
         {0},
         "blocks.0.attn.q_norm.weight is no part of a DINO-style ViT"},
        {{"cls_token", "blocks.9999.norm1.bias"}, {0}, "blocks.9999.norm1.bias is no part"},
        {{"cls_token", "rope_embed.periods"}, {0}, "rope_embed.periods is no part"},
        {{"cls_token", "reg_token", "register_tokens"}, {0}, "register_tokens is there twice"},
        {{"cls_token", "blocks.0.3.norm1.bias", "blocks.1.3.norm1.bias"},
         {0},
         "blocks.3.norm1.bias is there twice"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        fleck_arena arena = {0};
        fleck_message err = {""};
        fleck_tensor tensors[3] = {0};
        fleck_weights in = {.tensors = tensors}, out = {0};
        while (in.tensor_count < 3 && cases[i].names[in.tensor_count]) {
            tensors[in.tensor_count].name = cases[i].names[in.tensor_count];
            in.tensor_count++;
        }
        fleck_status status = fleck_vit_names(&arena, &in, &out, &err);
        if (cases[i].want) {
            CHECK(status == FLECK_ERR_FORMAT && strstr(err.text, cases[i].want));
            if (!strstr(err.text, cases[i].want)) fprintf(stderr, "  \"%s\"\n", err.text);
        } else {
            CHECK(!status);
            for (size_t n = 0; n < 3; n++)
                CHECK(cases[i].got[n]
                          ? n < out.tensor_count && !strcmp(out.tensors[n].name, cases[i].got[n])
                          : n >= out.tensor_count);
        }
        fleck_arena_free(&arena);
    }
}

int main(void) {
    test_safetensors();
    test_cases();
    test_zip();
    test_replaced();
    test_bombs();
    test_depth();
    test_names();
    return check_done();
}
