// Float weights: blocks of weight rows times all activation rows, and rows decoded to floats.
#pragma once

#include "dots.h"
#include "tiles.h"
#include "../matmul/group.h"

/// Columns of a segment of a float dot product: no lane adds more than 256 products one after another.
#define SWL_DOTS_SEGMENT 4096
#define SWL_SEGMENT(type) ((type) == swl_bf16 ? SWL_PAIRS_SEGMENT : SWL_DOTS_SEGMENT)
/// Weights of this many bytes still find room in the first cache level beside an activation row.
#define SWL_NEAR 16384
/// How many rows ahead weights are asked for otherwise, into the second cache level.
#define SWL_FLOAT_AHEAD(row_bytes) ((row_bytes) <= 4096 ? SWL_GROUP : 4)

/// How many rows ahead they are asked for into the first cache level: pairs pass fast.
SWL_INLINE size_t swl_near_rows(const swl_matmul *m, const uint32_t type) {
    return type == swl_bf16 && 8 * m->row_bytes <= SWL_NEAR ? 8 : 4;
}

/// Some columns of at most SWL_GROUP weight rows.
typedef struct swl_float_part {
    size_t row, count, column, columns;
    int near; // a tile's next rows may be asked for into the first cache level
} swl_float_part;

/// The part times `tokens` activation rows: output = [output +] product.
SWL_INLINE void swl_float_tokens(const swl_matmul *m, const swl_float_part *part, size_t token, const uint32_t type,
                                 const size_t tokens, const int near) {
    const float *inverses = type == swl_bf16 ? swl_inverses(m->rounded, m->tokens, m->columns) : NULL;
    const size_t rows = SWL_FLOAT_ROWS(tokens), at = part->column * swl_float_bytes(type);
    for (size_t done = 0; done < part->count; done += rows) {
        const size_t left = part->count - done, count = left < rows ? left : rows;
        const uint8_t *first = (const uint8_t *)m->weights + (part->row + done) * m->row_bytes + at;
        // Only the first tile meets weights that are in no cache yet.
        const size_t ahead = token > 0 ? 0 : near ? swl_near_rows(m, type) : SWL_FLOAT_AHEAD(m->row_bytes);
        swl_dots dots = {.columns = part->columns, .next = (const char *)first + ahead * m->row_bytes};
        if (type == swl_bf16) {
            dots.stride = swl_rounded_columns(m->columns) * SWL_ROUNDED_BYTES;
            dots.x = (const uint8_t *)m->rounded + token * dots.stride + part->column * SWL_ROUNDED_BYTES;
        } else {
            dots.stride = m->floats_stride * sizeof(float);
            dots.x = (const uint8_t *)m->floats + token * dots.stride + part->column * sizeof(float);
        }
        for (size_t r = 0; r < rows; r++) dots.rows[r] = first + (r < count ? r : count - 1) * m->row_bytes;
        float products[24];
        swl_dots_run(&dots, type, rows, tokens, near, products);
        if (type == swl_bf16)
            for (size_t t = 0; t < tokens; t++)
                for (size_t r = 0; r < rows; r++) products[t * rows + r] *= inverses[token + t];
        for (size_t t = 0; t < tokens; t++) {
            float *to = m->output + (token + t) * m->output_stride + part->row + done;
            if (part->column > 0)
                for (size_t r = 0; r < count; r++) to[r] += products[t * rows + r];
            else if (count == rows)
                memcpy(to, products + t * rows, rows * sizeof *to);
            else
                memcpy(to, products + t * rows, count * sizeof *to);
        }
    }
}

/// The part times all activation rows.
SWL_INLINE void swl_float_all(const swl_matmul *m, const swl_float_part *part, const uint32_t type) {
    if (m->tokens == 1 && part->near) {
        swl_float_tokens(m, part, 0, type, 1, 1);
        return;
    }
    const size_t most = SWL_TYPE_TOKENS(type);
    for (size_t token = 0; token < m->tokens; token += most) {
        switch (m->tokens - token < most ? m->tokens - token : most) {
        case 1: swl_float_tokens(m, part, token, type, 1, 0); break;
        case 2: swl_float_tokens(m, part, token, type, 2, 0); break;
#if SWL_FLOAT_TOKENS > 3
        case 3: swl_float_tokens(m, part, token, type, 3, 0); break;
        case 4: swl_float_tokens(m, part, token, type, 4, 0); break;
        case 5: swl_float_tokens(m, part, token, type, 5, 0); break;
#endif
        default: swl_float_tokens(m, part, token, type, SWL_FLOAT_TOKENS, 0); break;
        }
    }
}

SWL_INLINE void swl_float_type(const swl_matmul *m, const uint32_t type) {
    // Long rows and one tile of activations: all segments of 4 weight rows in turn, so memory is read nearly in order.
    const size_t group = m->tokens <= SWL_FLOAT_TOKENS && m->columns > SWL_SEGMENT(type) ? 4 : SWL_GROUP;
    for (size_t row = 0; row < m->rows; row += group) {
        swl_float_part part = {.row = row, .count = m->rows - row < group ? m->rows - row : group};
        part.near = 4 * m->row_bytes <= SWL_NEAR;
        // One line of each page of the group after the next, for its translation: see matmul/single.h.
        const size_t bytes = group * m->row_bytes;
        const char *after = (const char *)m->weights + row * m->row_bytes + 2 * bytes;
        for (size_t at = 0; at < bytes; at += 4096) __builtin_prefetch(after + at, 0, 2);
        for (; part.column < m->columns; part.column += SWL_SEGMENT(type)) {
            part.columns = m->columns - part.column < SWL_SEGMENT(type) ? m->columns - part.column : SWL_SEGMENT(type);
            swl_float_all(m, &part, type);
        }
    }
}

static void swl_float_rows(const swl_matmul *m) {
    switch (m->type) {
    case swl_f16: swl_float_type(m, swl_f16); break;
    case swl_bf16:
        if (swl_are_tiled(m->tokens))
            swl_pair_tiles(m);
        else
            swl_float_type(m, swl_bf16);
        break;
    default: swl_float_type(m, swl_f32); break;
    }
}

SWL_INLINE void swl_decode_floats_of(const uint8_t *from, size_t columns, float *to, const uint32_t type) {
    size_t k = 0;
    for (; k + 16 <= columns; k += 16) swl_store(to + k, swl_load_floats(from + k * swl_float_bytes(type), type));
    if (k < columns)
        swl_store_part(to + k, swl_load_some_floats(from + k * swl_float_bytes(type), columns - k, type), columns - k);
}

/// Rows as floats.
static void swl_decode_floats(uint32_t type, const void *const *from, size_t count, size_t columns, float *const *to) {
    for (size_t r = 0; r < count; r++)
        switch (type) {
        case swl_f16: swl_decode_floats_of(from[r], columns, to[r], swl_f16); break;
        case swl_bf16: swl_decode_floats_of(from[r], columns, to[r], swl_bf16); break;
        default: swl_decode_floats_of(from[r], columns, to[r], swl_f32); break;
        }
}
