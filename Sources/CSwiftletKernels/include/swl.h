// Swiftlet's SIMD kernels: no allocation, no threads, no I/O; one table of functions an instruction set.
//
// Every function of every table gives the same bits for the same input. The arithmetic that they all follow:
//
// 1. Quantized weights. A row is a sequence of blocks of 32 columns. A weight is s * (q - bias) - m with q a small integer
//    that the format stores and s, m the floats that belong to its (sub-)block of 32 or 16 columns, computed in float from
//    what the format stores (s = d * sc, m = dmin * mc).
//    An activation row is quantized once, to int8 xq in steps dx of each block of 32 columns. Steps of a span of 256 columns
//    (at the row's end fewer) are a unit times 2^0...2^3, so that a span's sum needs no multiplication by a block's step:
//        limit   = sqrt(SWL_OUTLIER * the row's mean of max|x|^2 over blocks)
//        reach_b = min(max|x|, limit), at least max|x| / 127
//        reach   = the largest reach_b of a span, but at most SWL_FAR times their median, and at least max|x| / 127
//        unit    = reach / (127 * 8)
//        dx_b    = unit * 2^k_b, the smallest k_b for which 127 * dx_b is at least reach_b, or 3
//    Numbers beyond 127 * dx have a second int8, xr: four columns with such a number hold xr = nearest-even(x / dx / 128) and
//    xq = nearest-even(x / dx - 128 * xr); xr is 0 elsewhere. They are few, and hold most of a row's rounding error.
//    One output, over blocks b in order, all in float with single rounding (fma):
//        dot_b  = 2^k_b * sum over the block of (q - bias) * xq             exact, int32; each 16 columns in formats with a
//        part   = fma(s_b, dot_b, part)                                     scale for each 16 columns; part = 0 before a span
//        part   = d * sum over the span of sc_b * dot_b                     in Q2_K instead; exact, int32
//        part   = fma(-m_b, 2^k_b * sum of xq, part)                        in Q4_1 and Q5_1, after dot_b
//        part   = fma(-dmin, sum over the span of mc_b * 2^k_b * sum of (xq + 128 xr), part)
//                                                                           in Q2_K, Q4_K, Q5_K, at its end; exact, int32
//        sum    = fma(part, unit, sum)                                      at the end of a span
//        rest   = fma(s_b * sum of (q - bias) * xr, 128 * dx_b, rest)       each 16 columns where xr is not 0; in Q4_1 and
//                 fma(fma(-m_b, sum of xr, s_b * sum of q * xr), 128 * dx_b, rest)     Q5_1
//        output = sum + rest
//    A span whose reach is below 2^-100 counts as zeros; one that holds an infinity or a NaN makes the output NaN.
// 2. Float weights (F32, F16, and anything decoded to F32). Activations stay float. Over segments of 4096 columns in order:
//    16 lanes = 0, then lane k mod 16 = fma(w, x, lane) in column order, the last columns filled up to 16 with zeros;
//    the lanes are added in pairs 8 apart, then 4, 2, 1; output = the first segment's sum, then output + the next one's.
// 3. BF16 weights. Activations are rounded to BF16. A few numbers of a row, the largest, have most of the error: so the row is
//    multiplied by a factor first, the one of 1 + i / 2048 (i from 0 to 31) with which they are rounded best:
//        largest = of each of 32 columns modulo 32, max|x|
//        error_i = sum of (f_i largest - f_i largest rounded to 8 bits)^2, over lanes as below; f the first f_i of the least
//        x'      = f x rounded to BF16, nearest even, below 2^-126 to zero
//    Over segments of 2048 columns in order, columns filled up to a multiple of 32 with zeros: 16 lanes = 0, then for pairs p of
//    columns in order lane p mod 16 = fma(w[2p + 1], x'[2p + 1], lane), then fma(w[2p], x'[2p], lane); products are exact. Lanes
//    are added as above; output = the first segment's sum times (1 / f), then output + the next one's.
//    AVX512-BF16 takes weights and sums below 2^-126 for zeros, others do not: all else is the same bits.
// 4. Attention, see attention/attention.h: blocks of 128 cells at absolute multiples of 128, online softmax.
//
// So an output depends on its weight row and its activation row alone: not on threads, batch, tiles or instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Activation rows are taken in tiles of this many.
#define SWL_TILE 8
/// Which square of a number, as a multiple of the mean square of a row's largest of each block, needs a second int8.
#define SWL_OUTLIER 1.0f
/// How many times farther than half of its blocks a span may reach.
#define SWL_FAR 4.0f
/// Blocks of 32 columns in a span, and by how many bits their steps may differ.
#define SWL_SPAN 8
#define SWL_SHIFTS 3
/// Weight rows are taken in groups of this many.
#define SWL_GROUP 16
/// Columns of a weight panel; scratch memory is sized by it.
#define SWL_CHUNK 2048

/// Four columns of an activation row that have a second int8.
typedef struct swl_rest {
    int32_t values;           // four bytes
    int16_t count;            // minus their sum
    int16_t goes_on;          // others of the same 16 columns follow
    float step;               // 128 * dx
    uint32_t place;           // column / 4 * SWL_TILE + row of the tile
} swl_rest;

/// Quantized activations [tokens, columns], in tiles of up to SWL_TILE rows that lie one after another.
///
/// In a tile of T rows: values are [columns / 4][T][4], units [spans][T], all others [blocks][T] (or [blocks * 2][T]).
typedef struct swl_activations {
    size_t tokens, columns;
    int8_t *values;           // xq
    float *units;
    int32_t *shifts;          // k, a block of 32
    int32_t *counts, *half_counts; // minus the sum of values; the same, each 16 columns
    float *sums;              // 2^k times the sum of values
    // 2^k * sum of (xq + 128 xr) as three int8, 65,536, 256 and 1 times which make it: of four blocks [spans][2][3][T][4], and of
    // four times 16 columns [spans][4][3][T][4].
    int32_t *lows, *half_lows;
    // Second int8: a tile's list has room for [T][columns / 4]. Those of a span follow those of the one before from its start
    // on, row after row.
    swl_rest *rests;
    uint32_t *rest_starts;    // [tiles][spans + 1]
    uint8_t *flags;           // of a single row: which blocks have any
} swl_activations;

static inline size_t swl_spans(size_t columns) { return (columns / 32 + SWL_SPAN - 1) / SWL_SPAN; }

/// Bytes of memory for swl_activations_at.
size_t swl_activations_bytes(size_t tokens, size_t columns);
/// Lays activations out in memory (64-byte aligned) of swl_activations_bytes.
swl_activations swl_activations_at(void *memory, size_t tokens, size_t columns);

/// Weight rows times all activation rows, in groups of SWL_GROUP weight rows.
typedef struct swl_matmul {
    uint32_t type;            // GGML's type id of the weight
    const void *weights;      // first row
    size_t row_bytes;
    size_t rows;
    size_t columns;
    size_t tokens;
    const swl_activations *quantized; // for integer formats
    const float *floats;      // for float formats: rows of activations
    void *scratch;            // swl_scratch_bytes(tokens), 64-byte aligned
    float *output;            // [tokens][...], the first row's column
    size_t output_stride;
    size_t rows_after;        // weight rows that follow these in memory and will be wanted next
    size_t floats_stride;     // from one row of floats to the next
    const void *rounded;      // for BF16: what `round` has made of them
} swl_matmul;

/// Columns of rounded activations: whole steps of 32.
static inline size_t swl_rounded_columns(size_t columns) { return (columns + 31) / 32 * 32; }
/// Bytes of activations rounded to BF16 (64-byte aligned), in whichever form the kernels want them (floats/round.h).
static inline size_t swl_rounded_bytes(size_t tokens, size_t columns) {
    return (tokens + SWL_TILE - 1) / SWL_TILE * SWL_TILE * (swl_rounded_columns(columns) + 1) * 4;
}

/// Scratch memory of one worker for matmul, in bytes.
size_t swl_scratch_bytes(size_t tokens);

/// Floats as they are, BF16 weights that meet activations rounded to BF16, blocks of integers.
typedef enum swl_kind { swl_kind_none = 0, swl_kind_float = 1, swl_kind_integer = 2, swl_kind_bfloat = 3 } swl_kind;
/// How the weights of a type are multiplied.
swl_kind swl_kind_of(uint32_t type);

typedef enum swl_activation {
    swl_silu, swl_gelu_tanh, swl_gelu_erf, swl_gelu_quick, swl_relu, swl_relu_squared, swl_sigmoid, swl_tanh, swl_identity
} swl_activation;

/// Attention of one key/value head for some of the query rows and query heads that share it.
typedef struct swl_attention {
    uint32_t type;                      // of keys and values: F32, F16 or Q8_0
    int rows;                           // 1: F32 rows of `row_stride` floats as a model computed them, in one page
    const void *const *key_pages, *const *value_pages; // pages: see attention/cells.h
    size_t positions_per_page;          // a multiple of SWL_ATTENTION_CELLS
    size_t row_stride;
    size_t head_size, value_head_size;
    float scale, softcap;
    const float *sinks;                 // a query head each, or null
    const float *queries;               // [rows][heads * head_size]
    size_t query_stride;
    float *output;                      // [rows][heads * value_head_size]
    size_t output_stride;
    const int64_t *ranges;              // first and end cell of each row: [rows][2]
    size_t first_row, end_row;          // rows of queries, output and ranges
    size_t first_head, end_head;        // query heads
    size_t kv_head;
    size_t first_cell, end_cell;        // the call's part of the cells, multiples of SWL_ATTENTION_CELLS
    float *partials;                    // where each block's figures go instead of the output, or null
    size_t partial_block;               // the first block that `partials` has room for
    void *scratch;                      // swl_attention_scratch_bytes, 64-byte aligned
} swl_attention;

/// Query rows times query heads of one call are at most this many.
#define SWL_ATTENTION_QUERIES 192
/// Query rows times query heads that the kernels take at once.
#define SWL_ATTENTION_TILE 12
/// Cells of one block.
#define SWL_ATTENTION_CELLS 128
size_t swl_attention_scratch_bytes(size_t head_size, size_t value_head_size);
/// Floats that `partials` needs for each block and query.
size_t swl_attention_partial_floats(size_t value_head_size);
/// Bytes of `cells` cells of one head: a multiple of SWL_ATTENTION_CELLS of them.
size_t swl_attention_cell_bytes(uint32_t type, size_t head_size, int keys, size_t cells);

/// One row of keys, or of values, for one cell of a page.
typedef struct swl_cell {
    uint32_t type;                      // F32, F16 or Q8_0
    int keys;
    const float *x;                     // [heads][head_size]
    size_t heads, head_size;
    void *page;
    size_t positions_per_page, position;
} swl_cell;

/// What encoders of the IQ formats look up (Codebooks/GridIndex.swift).
typedef struct swl_grid {
    const int32_t *places;    // for each code: the point's index, or ~position of its candidates
    const uint16_t *lists;    // the number of candidates, then their codes; 16 more at the end
} swl_grid;

/// Numbers to write in a quantized format, block after block.
typedef struct swl_encode {
    uint32_t type;            // GGML's type id
    const float *x;           // finite
    size_t blocks;
    const float *importance;  // of the columns of a row, or null
    size_t row_blocks;        // blocks in a row
    swl_grid grid;            // of the IQ1, IQ2 and IQ3 formats
    void *to;
} swl_encode;

typedef struct swl_kernels {
    const char *name;
    /// Rows [first tile * SWL_TILE ...) of a float matrix into one tile of activations.
    void (*quantize)(const float *x, size_t stride, const swl_activations *to, size_t tile);
    /// The same rounded to BF16, into one tile of swl_rounded_bytes.
    void (*round)(const float *x, size_t stride, size_t tokens, size_t columns, size_t tile, void *to);
    void (*matmul)(const swl_matmul *);
    /// Decodes up to SWL_GROUP rows of a supported type; scratch as in matmul.
    void (*decode)(uint32_t type, const void *const *rows, size_t count, size_t columns, float *const *to, void *scratch);
    void (*attention)(const swl_attention *);
    /// Joins the partials of all blocks into the output.
    void (*attention_join)(const swl_attention *);
    void (*store)(const swl_cell *);

    void (*rms_norm)(const float *x, const float *weight, float epsilon, size_t count, float *to);
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, size_t count, float *to);
    void (*softmax)(float *x, size_t count);
    void (*add)(const float *x, float scale, size_t count, float *y);      // y += scale * x
    void (*scale)(float *x, float by, size_t count);
    void (*softcap)(float *x, float cap, size_t count);
    void (*activate)(swl_activation, const float *x, const float *up, size_t count, float *to); // f(x) or f(x) * up
    void (*rotate)(float *x, size_t heads, size_t head_size, size_t dimensions, int halves, const float *cosines,
                   const float *sines);
    /// The same bytes as the format's encoder in Swift; 0 if there is no kernel for the type.
    int (*encode)(const swl_encode *);

    // The limits that all others are measured against (peaks/peaks.h). Results must be used, or nothing is computed.
    /// Multiply-adds of bytes, from registers; returns how many were done in `rounds`.
    uint64_t (*peak_integer)(uint64_t rounds, float *result);
    /// The same of floats.
    uint64_t (*peak_float)(uint64_t rounds, float *result);
    /// The same of pairs of BF16.
    uint64_t (*peak_pairs)(uint64_t rounds, float *result);
    /// Reads memory, 64-byte aligned and whole pages of 4,096 bytes, once.
    void (*peak_read)(const void *memory, size_t bytes, float *result);
} swl_kernels;

typedef enum swl_instruction_set {
    swl_scalar, swl_avx2, swl_avx512_vnni, swl_avx512_bf16, swl_neon
} swl_instruction_set;
/// The kernels of an instruction set, or null where this machine does not have it.
const swl_kernels *swl_kernels_for(swl_instruction_set set);
