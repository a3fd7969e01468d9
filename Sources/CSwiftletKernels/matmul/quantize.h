// Activation rows to int8.
#pragma once

#include "../common/vector.h"
#include "../include/swl.h"

SWL_INLINE size_t swl_tile_rows(size_t tokens, size_t tile) {
    size_t rest = tokens - tile * SWL_TILE;
    return rest < SWL_TILE ? rest : SWL_TILE;
}

/// Magnitudes as bits: they are ordered as magnitudes are, with infinity and NaN at the end.
SWL_INLINE v16u swl_magnitude(v16f x) { return SWL_BITS_U(x) & 0x7fffffffu; }

SWL_INLINE uint32_t swl_block_largest(const float *x) {
    const v16u a = swl_magnitude(swl_load(x)), b = swl_magnitude(swl_load(x + 16));
    return (uint32_t)__builtin_reduce_max(__builtin_elementwise_max(a, b));
}

#define SWL_INFINITY_BITS 0x7f800000u
/// 2^-100: spans below it count as zeros.
#define SWL_TINY 0x1p-100f

/// The largest magnitude of each block of a row into largest[blocks], `pitch` apart, as bits; what it returns is the magnitude
/// from which on numbers are kept apart.
SWL_INLINE float swl_find_largest(const float *row, size_t blocks, uint32_t *largest, size_t pitch) {
    float total = 0.0f;
    for (size_t b = 0; b < blocks; b++) {
        const uint32_t bits = swl_block_largest(row + b * 32);
        largest[b * pitch] = bits;
        const float magnitude = __builtin_bit_cast(float, bits);
        if (bits < SWL_INFINITY_BITS) total += magnitude * magnitude;
    }
    return sqrtf(SWL_OUTLIER * total / (float)blocks);
}

/// What a block's steps must reach to: its largest magnitude, or the limit where that is smaller; but no number may be more
/// than 127 times as large.
SWL_INLINE float swl_reach(uint32_t largest, float limit) {
    const float magnitude = __builtin_bit_cast(float, largest);
    const float reach = magnitude < limit ? magnitude : limit;
    return reach < magnitude / 127.0f ? magnitude / 127.0f : reach;
}

/// One row of a tile, and where its numbers lie.
typedef struct swl_row_slot {
    const float *x;
    uint32_t *largest;     // of its blocks, `rows` apart; where their shifts go later
    float limit;
    size_t row, rows;      // of the tile
    size_t values, blocks; // the row's first element in [columns / 4][T][4] and [blocks][T]
} swl_row_slot;

SWL_INLINE void swl_put_values(int8_t *to, size_t rows, v16b low, v16b high) {
    for (size_t i = 0; i < 4; i++) {
        memcpy(to + i * rows * 4, (const char *)&low + i * 4, 4);
        memcpy(to + (4 + i) * rows * 4, (const char *)&high + i * 4, 4);
    }
}

#define SWL_SWAP_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define SWL_SWAP_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)

/// Takes numbers above 127 steps apart, four columns at a time: x, 16 columns in steps, is left with what the first int8 is
/// to hold.
SWL_INLINE void swl_keep_apart(const swl_activations *to, const swl_row_slot *slot, size_t half, v16f limit, float step,
                                  v16f *x, swl_rest **list) {
    v16i large = swl_abs(*x) > limit;
    large |= SWL_SWAP_1(large);
    large |= SWL_SWAP_2(large);
    const v16i high = swl_nearest(*x * 0.0078125f) & large;
    *x = *x - 128.0f * swl_float(high);
    v16i sums = high + SWL_SWAP_1(high);
    sums += SWL_SWAP_2(sums);
    const v16b bytes = __builtin_convertvector(high, v16b);
    if (to->tokens == 1) {
        memcpy(to->rest_values + half * 16, &bytes, sizeof bytes);
        to->rest_counts[half] = -(sums[0] + sums[4] + sums[8] + sums[12]);
        return;
    }
    int32_t quads[4];
    memcpy(quads, &bytes, sizeof quads);
    swl_rest *last = NULL;
    for (uint32_t i = 0; i < 4; i++) {
        if (!quads[i]) continue;
        if (last) last->goes_on = 1;
        last = (*list)++;
        const uint32_t place = ((uint32_t)half * 4 + i) * SWL_TILE + (uint32_t)slot->row;
        *last = (swl_rest){.values = quads[i], .count = (int16_t)-sums[i * 4], .step = step, .place = place};
    }
}

SWL_INLINE int32_t swl_pair(int32_t low, int32_t high) { return (int32_t)((uint32_t)low & 0xffffu) | high * 65536; }

/// What the blocks of a span have in common.
typedef struct swl_span {
    float reach, unit, turn; // turn is 127 / reach; unit and turn are 0 where all counts as zeros
} swl_span;

/// A span reaches as far as its blocks must, but no more than SWL_FAR times as far as half of them: the steps of those would
/// be too coarse, for the sake of a few numbers that can be kept apart. No number may be more than 127 times the reach.
SWL_INLINE swl_span swl_span_of(const swl_row_slot *slot, size_t first, size_t end) {
    uint32_t most = 0;
    float sorted[SWL_SPAN];
    swl_span span = {0};
    for (size_t b = first; b < end; b++) {
        const uint32_t bits = slot->largest[b * slot->rows];
        const float own = swl_reach(bits, slot->limit);
        size_t at = b - first;
        for (; at > 0 && sorted[at - 1] > own; at--) sorted[at] = sorted[at - 1];
        sorted[at] = own;
        if (bits > most) most = bits;
    }
    span.reach = sorted[end - first - 1];
    const float far = SWL_FAR * sorted[(end - first) / 2], least = __builtin_bit_cast(float, most) / 127.0f;
    if (span.reach > far) span.reach = far > least ? far : least;
    if (most >= SWL_INFINITY_BITS) {
        span.unit = NAN;
    } else if (span.reach >= SWL_TINY) {
        span.unit = span.reach / (127.0f * (float)(1 << SWL_SHIFTS));
        span.turn = 127.0f / span.reach;
    }
    return span;
}

SWL_INLINE void swl_quantize_block(const swl_activations *to, const swl_row_slot *slot, size_t block, swl_span span,
                                   swl_rest **list) {
    const uint32_t largest = slot->largest[block * slot->rows];
    const float own = swl_reach(largest, slot->limit);
    int32_t shift = SWL_SHIFTS;
    for (; shift > 0 && span.reach * 0.5f >= own; shift--) {
        span.reach *= 0.5f;
        span.turn *= 2.0f;
    }
    const float step = span.unit * (float)(1 << shift);
    v16f x0 = swl_zero(), x1 = swl_zero();
    if (span.turn > 0.0f) {
        x0 = swl_load(slot->x + block * 32) * span.turn;
        x1 = swl_load(slot->x + block * 32 + 16) * span.turn;
    }
    const int apart = span.turn > 0.0f && __builtin_bit_cast(float, largest) > span.reach;
    if (to->tokens == 1) to->flags[block] = (uint8_t)apart;
    if (__builtin_expect(apart, 0)) {
        // Half a step more: what is not above `reach` rounds to 127 at most.
        const v16f limit = swl_splat(127.5f);
        if (to->tokens == 1) to->rest_steps[block] = step * 128.0f;
        swl_keep_apart(to, slot, block * 2, limit, step * 128.0f, &x0, list);
        swl_keep_apart(to, slot, block * 2 + 1, limit, step * 128.0f, &x1, list);
    }
    const v16i q0 = swl_nearest(x0), q1 = swl_nearest(x1);
    const size_t rows = slot->rows, at = slot->blocks + block * rows;
    const size_t half = slot->blocks * 2 - slot->row + block * 2 * rows;
    swl_put_values(to->values + slot->values + block * 32 * rows, rows, __builtin_convertvector(q0, v16b),
                   __builtin_convertvector(q1, v16b));
    const int32_t c0 = __builtin_reduce_add(q0), c1 = __builtin_reduce_add(q1);
    to->shifts[at] = shift;
    to->counts[at] = -(c0 + c1);
    to->half_counts[half] = -c0;
    to->half_counts[half + rows] = -c1;
    to->sums[at] = (float)((c0 + c1) * (1 << shift));
    to->half_pairs[at] = swl_pair(c0 * (1 << shift), c1 * (1 << shift));
    if (block % 2)
        to->pairs[at - rows] = swl_pair(-to->counts[at - rows] * (1 << to->shifts[at - rows]), (c0 + c1) * (1 << shift));
    else
        to->pairs[at] = swl_pair((c0 + c1) * (1 << shift), 0);
}

static void swl_quantize(const float *x, size_t stride, const swl_activations *to, size_t tile) {
    const size_t rows = swl_tile_rows(to->tokens, tile), blocks = to->columns / 32, first = tile * SWL_TILE;
    const size_t spans = swl_spans(to->columns);
    swl_row_slot slots[SWL_TILE];
    for (size_t t = 0; t < rows; t++) {
        swl_row_slot *slot = &slots[t];
        *slot = (swl_row_slot){.x = x + (first + t) * stride, .row = t, .rows = rows};
        slot->blocks = first * blocks + t;
        slot->values = first * to->columns + t * 4;
        slot->largest = (uint32_t *)to->shifts + slot->blocks;
        slot->limit = swl_find_largest(slot->x, blocks, slot->largest, rows);
    }
    swl_rest *const begin = to->tokens > 1 ? to->rests + first * (to->columns / 4) : NULL, *list = begin;
    uint32_t *starts = to->rest_starts + tile * (spans + 1);
    for (size_t s = 0; s < spans; s++) {
        const size_t block = s * SWL_SPAN, end = block + SWL_SPAN < blocks ? block + SWL_SPAN : blocks;
        starts[s] = (uint32_t)(list - begin);
        for (size_t t = 0; t < rows; t++) {
            const swl_span span = swl_span_of(&slots[t], block, end);
            to->units[first * spans + s * rows + t] = span.unit;
            for (size_t b = block; b < end; b++) swl_quantize_block(to, &slots[t], b, span, &list);
        }
    }
    starts[spans] = (uint32_t)(list - begin);
}
