/* A checked table of named tensors and metadata, which every kind of weight file
 * fills: safetensors (safetensors.h) and PyTorch's checkpoints (pickle.h).
 *
 * Every offset, size and shape is checked against the file before it is used;
 * the table points into the file's bytes, which the caller keeps alive. */
#ifndef FLECK_TENSORS_H
#define FLECK_TENSORS_H

#include "arena.h"
#include "status.h"

#define FLECK_DIMS_MAX 4
#define FLECK_TENSORS_MAX 4096 /* of a file */

/* FLECK_OTHER stands for types that nothing here needs (F64, bytes): such a
 * tensor is listed, so that files that carry one can be read, but not readable. */
typedef enum { FLECK_F32, FLECK_F16, FLECK_BF16, FLECK_I8, FLECK_U32, FLECK_OTHER } fleck_dtype;

typedef struct {
    const char *name; /* NUL-terminated */
    fleck_dtype dtype;
    uint32_t ndim;
    size_t shape[FLECK_DIMS_MAX];
    size_t count;        /* product of shape */
    const uint8_t *data; /* little-endian, any alignment */
} fleck_tensor;

typedef struct {
    const char *key, *value;
} fleck_metadata;

typedef struct {
    fleck_tensor *tensors;
    size_t tensor_count;
    fleck_metadata *metadata;
    size_t metadata_count;
} fleck_weights;

/* NULL when there is none of that name. */
const fleck_tensor *fleck_weights_find(const fleck_weights *weights, const char *name);
const char *fleck_weights_meta(const fleck_weights *weights, const char *key);

/* Bytes of one value, and of a whole tensor; not of FLECK_OTHER. */
size_t fleck_dtype_bytes(fleck_dtype dtype);
size_t fleck_tensor_bytes(const fleck_tensor *tensor);

/* Whether a tensor has values that can be read: F32, F16 or BF16, or I8 of two dimensions or more
 * with a scale for each row, which the file has as "NAME_scale". *scale receives those, NULL for
 * other types. Otherwise FLECK_ERR_FORMAT; whoever reads values asks this first. */
fleck_status fleck_weights_check_tensor(const fleck_weights *weights, const fleck_tensor *tensor,
                                        const fleck_tensor **scale, fleck_message *err);

/* ---- values of a tensor that can be read ---- */

/* All of them, or count from the one at first on, as float32; FLECK_ERR_FORMAT where one is not
 * finite. */
fleck_status fleck_tensor_read_finite(const fleck_tensor *tensor, size_t first, size_t count,
                                      float *out, fleck_message *err);

/* The same for rows of n values, each multiplied by its row's scale, where scale ([all rows]) is
 * not NULL. */
fleck_status fleck_tensor_read_rows(const fleck_tensor *tensor, const float *scale, size_t row,
                                    size_t rows, size_t n, float *out, fleck_message *err);

/* As they are; out has room for tensor->count. */
void fleck_tensor_read(const fleck_tensor *tensor, float *out);

/* count of its values from the one at first on. */
void fleck_tensor_read_part(const fleck_tensor *tensor, size_t first, size_t count, float *out);

/* A U32 tensor; out has room for tensor->count. */
void fleck_tensor_read_u32(const fleck_tensor *tensor, uint32_t *out);

/* Writes tensors (of any type but FLECK_OTHER, data in the machine's order) and
 * metadata as safetensors. Names and values must not need escapes in JSON. *size
 * receives the bytes needed; nothing is written when capacity is smaller. */
void fleck_weights_write(const fleck_weights *weights, uint8_t *out, size_t capacity, size_t *size);

/* ---- for the readers ---- */

/* FLECK_ERR_FORMAT when two tensors, or two metadata entries, have one name. */
fleck_status fleck_weights_check_names(const fleck_weights *weights, fleck_message *err);

#endif
