// Activation rows to int8.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

SWL_INLINE size_t swl_tile_rows(size_t tokens, size_t tile) {
    size_t rest = tokens - tile * SWL_TILE;
    return rest < SWL_TILE ? rest : SWL_TILE;
}

/// Magnitudes as bits: they are ordered as magnitudes are, with infinity and NaN at the end.
SWL_INLINE v16u swl_magnitude(v16f x) { return SWL_BITS_U(x) & 0x7fffffffu; }

/// The largest magnitude of each of `blocks` (at most four) blocks, as bits; of those that are missing 0.
SWL_INLINE v4u swl_largest_of_blocks(const float *x, size_t blocks) {
    v16u z[4];
    for (size_t i = 0; i < 4; i++) {
        const float *from = x + i * 32;
        z[i] = i < blocks ? __builtin_elementwise_max(swl_magnitude(swl_load(from)), swl_magnitude(swl_load(from + 16)))
                          : (v16u)(0u);
    }
    return swl_largest_of_four(z);
}

#define SWL_INFINITY_BITS 0x7f800000u
/// 2^-100: spans below it count as zeros.
#define SWL_TINY 0x1p-100f

/// The largest magnitude of each block of a row into largest[blocks], `pitch` apart, as bits; what it returns is the magnitude
/// from which on numbers are kept apart.
SWL_INLINE float swl_find_largest(const float *row, size_t blocks, uint32_t *largest, size_t pitch) {
    float total = 0.0f;
    for (size_t b = 0; b < blocks; b += 4) {
        const size_t count = blocks - b < 4 ? blocks - b : 4;
        const v4u four = swl_largest_of_blocks(row + b * 32, count);
        uint32_t bits[4];
        memcpy(bits, &four, sizeof bits);
        for (size_t i = 0; i < count; i++) {
            largest[(b + i) * pitch] = bits[i];
            const float magnitude = __builtin_bit_cast(float, bits[i]);
            if (bits[i] < SWL_INFINITY_BITS) total += magnitude * magnitude;
        }
    }
    return sqrtf(SWL_OUTLIER * total / (float)blocks);
}

/// One row of a tile, and where its numbers lie.
typedef struct swl_row_slot {
    const float *x;
    size_t row;            // of the tile
    size_t values, blocks, spans; // the row's first element in [columns / 4][T][4], [blocks][T] and [spans][T]
} swl_row_slot;

#define SWL_SWAP_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define SWL_SWAP_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)

/// Takes numbers above 127 steps apart, four columns at a time: x, 16 columns in steps, is left with what the first int8 is
/// to hold. Returns the sum of what is kept apart.
SWL_INLINE int32_t swl_keep_apart(const swl_row_slot *slot, size_t half, float step, v16f *x, swl_rest **list) {
    // Half a step more than 127: what is not above the reach rounds to 127 at most.
    const v16f limit = swl_splat(127.5f);
    v16i large = swl_abs(*x) > limit;
    large |= SWL_SWAP_1(large);
    large |= SWL_SWAP_2(large);
    const v16i high = swl_nearest(*x * 0.0078125f) & large;
    *x = *x - 128.0f * swl_float(high);
    v16i sums = high + SWL_SWAP_1(high);
    sums += SWL_SWAP_2(sums);
    const v16b bytes = __builtin_convertvector(high, v16b);
    int32_t quads[4];
    memcpy(quads, &bytes, sizeof quads);
    swl_rest *const begin = *list;
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t place = ((uint32_t)half * 4 + i) * SWL_TILE + (uint32_t)slot->row;
        **list = (swl_rest){.values = quads[i], .count = (int16_t)-sums[i * 4], .goes_on = 1, .step = step, .place = place};
        *list += quads[i] != 0;
    }
    if (*list > begin) (*list)[-1].goes_on = 0;
    return sums[0] + sums[4] + sums[8] + sums[12];
}

/// A span of all rows of a tile: of each row the unit, of each block and row k, the factor to steps (0 where all counts as
/// zeros), and whether a number is beyond its int8.
typedef struct swl_span {
    float units[16], turns[SWL_SPAN][16];
    int32_t shifts[SWL_SPAN][16], apart[SWL_SPAN][16];
} swl_span;

/// Sorts two, lane by lane.
SWL_INLINE void swl_sort_two(v16f *a, v16f *b) {
    const v16f less = swl_min(*a, *b);
    *b = swl_max(*a, *b);
    *a = less;
}

/// Sorts eight, lane by lane (Batcher's odd-even merge).
SWL_INLINE void swl_sort(v16f v[SWL_SPAN]) {
    static const uint8_t pairs[19][2] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6}, {5, 7}, {1, 2}, {5, 6},
                                         {0, 4}, {1, 5}, {2, 6}, {3, 7}, {2, 4}, {3, 5}, {1, 2}, {3, 4}, {5, 6}};
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 19; i++) swl_sort_two(&v[pairs[i][0]], &v[pairs[i][1]]);
}

/// A span reaches as far as its blocks must, but no more than SWL_FAR times as far as half of them: the steps of those would
/// be too coarse, for the sake of a few numbers that can be kept apart. No number may be more than 127 times the reach.
/// Lanes are rows; `largest` is [count][rows], and what follows it in memory may fill lanes that no row has.
SWL_INLINE void swl_find_span(const uint32_t *largest, size_t count, size_t rows, const float *limits, swl_span *span) {
    v16f own[SWL_SPAN], sorted[SWL_SPAN], magnitude[SWL_SPAN], most = swl_zero();
    const v16f limit = swl_load(limits);
    v16i endless = (v16i)(0);
#pragma clang loop unroll(full)
    for (size_t b = 0; b < SWL_SPAN; b++) {
        // Blocks that are missing are sorted to the end.
        magnitude[b] = b < count ? swl_load((const float *)(largest + b * rows)) : swl_zero();
        const v16f least = magnitude[b] / 127.0f;
        own[b] = swl_max(swl_min(magnitude[b], limit), least);
        sorted[b] = b < count ? own[b] : swl_splat(INFINITY);
        endless |= (v16i)(SWL_BITS_U(magnitude[b]) >= SWL_INFINITY_BITS);
        most = swl_max(least, most);
    }
    swl_sort(sorted);
    const v16f far = SWL_FAR * sorted[count / 2];
    v16f reach = sorted[count - 1];
    reach = swl_select(reach > far, swl_max(far, most), reach);
    const v16i counts = (reach >= swl_splat(SWL_TINY)) & ~endless;
    const v16f unit = swl_select(counts, reach / (127.0f * (float)(1 << SWL_SHIFTS)), swl_zero());
    swl_store(span->units, swl_select(endless, swl_splat(NAN), unit));
    const v16f turn = swl_select(counts, 127.0f / reach, swl_zero());
#pragma clang loop unroll(full)
    for (size_t b = 0; b < SWL_SPAN; b++) {
        // As many times half as far as the block allows.
        v16i halvings = (v16i)(0);
        for (int i = 1; i <= SWL_SHIFTS; i++) halvings -= reach * (1.0f / (float)(1 << i)) >= own[b];
        const v16i shift = SWL_SHIFTS - halvings;
        const v16f own_reach = reach * SWL_BITS_F((127 - halvings) << 23);
        const v16i apart = (magnitude[b] > own_reach) & counts;
        memcpy(span->shifts[b], &shift, sizeof shift);
        memcpy(span->apart[b], &apart, sizeof apart);
        swl_store(span->turns[b], turn * SWL_BITS_F((halvings + 127) << 23));
    }
}

/// Lanes as three int8 each, 65,536, 256 and 1 times which make them: `quads` times four lanes to [quads][3][T][4].
SWL_INLINE void swl_put_planes(v16i lanes, int32_t *to, size_t rows, size_t quads) {
    const v16i last = lanes << 24 >> 24, rest = (lanes - last) >> 8, middle = rest << 24 >> 24, first = (rest - middle) >> 8;
    const v16b planes[3] = {__builtin_convertvector(first, v16b), __builtin_convertvector(middle, v16b),
                            __builtin_convertvector(last, v16b)};
    for (size_t plane = 0; plane < 3; plane++) {
        int32_t four[4];
        memcpy(four, &planes[plane], sizeof four);
        for (size_t i = 0; i < quads; i++) to[(i * 3 + plane) * rows] = four[i];
    }
}

/// What belongs to each block of a span, or to each 16 columns of it, to its places; `sums` and `apart` are those of the first
/// and second int8, each 16 columns.
SWL_INLINE void swl_put_sums(const swl_activations *to, const swl_row_slot *slot, size_t first, size_t count, const size_t rows,
                             const swl_span *span, v16i sums, v16i apart) {
    const size_t at = slot->blocks + first * rows, half = slot->blocks * 2 - slot->row + first * 2 * rows;
    int32_t shifts[SWL_SPAN];
    for (size_t b = 0; b < SWL_SPAN; b++) shifts[b] = span->shifts[b][slot->row];
    const v16i shift = {shifts[0], shifts[0], shifts[1], shifts[1], shifts[2], shifts[2], shifts[3], shifts[3],
                        shifts[4], shifts[4], shifts[5], shifts[5], shifts[6], shifts[6], shifts[7], shifts[7]};
    const v16i low = (sums + apart * 128) << shift, first_low = sums << shift, negative = -sums;
    int32_t counts[16];
    float lows[16];
    memcpy(counts, &negative, sizeof counts);
    swl_store(lows, swl_float(first_low + SWL_SWAP_1(first_low)));
    for (size_t b = 0; b < count; b++) {
        to->shifts[at + b * rows] = shifts[b];
        to->counts[at + b * rows] = counts[b * 2] + counts[b * 2 + 1];
        to->half_counts[half + b * 2 * rows] = counts[b * 2];
        to->half_counts[half + (b * 2 + 1) * rows] = counts[b * 2 + 1];
        to->sums[at + b * rows] = lows[b * 2];
    }
    const size_t place = (slot->spans + first / SWL_SPAN * rows - slot->row) * 6 + slot->row;
    swl_put_planes(low, to->half_lows + place * 2 - slot->row, rows, 4);
    const v16i both = low + SWL_SWAP_1(low);
    swl_put_planes(__builtin_shufflevector(both, both, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14), to->lows + place,
                   rows, 2);
}

/// Four times 16 bytes in one vector.
SWL_INLINE v16u swl_join_bytes(const v16b bytes[4]) {
    v4u parts[4];
    memcpy(parts, bytes, sizeof parts);
    const v8u low = __builtin_shufflevector(parts[0], parts[1], 0, 1, 2, 3, 4, 5, 6, 7);
    const v8u high = __builtin_shufflevector(parts[2], parts[3], 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// Up to SWL_SPAN blocks of a row.
SWL_INLINE void swl_quantize_span(const swl_activations *to, const swl_row_slot *slot, size_t first, const size_t count,
                                  const size_t rows, const swl_span *span, swl_rest **list) {
    const v16i lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const float unit = span->units[slot->row];
    int8_t *put = to->values + slot->values + first * 32 * rows;
    v16i sums[4], apart = (v16i)(0);
    to->units[slot->spans + first / SWL_SPAN * rows] = unit;
#pragma clang loop unroll(full)
    for (size_t pair = 0; pair < SWL_SPAN / 2; pair++) {
        v16b bytes[4];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 2; i++) {
            const size_t b = pair * 2 + i, block = first + b;
            const float turn = span->turns[b][slot->row];
            v16f x0 = swl_zero(), x1 = swl_zero();
            if (b < count && turn > 0.0f) {
                x0 = swl_load(slot->x + block * 32) * turn;
                x1 = swl_load(slot->x + block * 32 + 16) * turn;
            }
            const int has_rests = b < count && span->apart[b][slot->row];
            if (b < count && to->tokens == 1) to->flags[block] = (uint8_t)has_rests;
            if (has_rests) {
                const float step = unit * (float)(1 << span->shifts[b][slot->row]) * 128.0f;
                const int32_t low = swl_keep_apart(slot, block * 2, step, &x0, list);
                const int32_t high = swl_keep_apart(slot, block * 2 + 1, step, &x1, list);
                apart |= (low & (lane == (int32_t)b * 2)) | (high & (lane == (int32_t)b * 2 + 1));
            }
            bytes[i * 2] = __builtin_convertvector(swl_nearest(x0), v16b);
            bytes[i * 2 + 1] = __builtin_convertvector(swl_nearest(x1), v16b);
        }
        const v16u quads = swl_join_bytes(bytes);
        sums[pair] = swl_dot_lanes((v16i)(0), (v16u)(0x01010101u), quads, 0);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 16; i++) {
            const uint32_t four = quads[i];
            if (pair * 16 + i < count * 8) memcpy(put + (pair * 16 + i) * rows * 4, &four, 4);
        }
    }
    swl_put_sums(to, slot, first, count, rows, span, swl_quarter_lanes(sums), apart);
}

SWL_INLINE void swl_quantize_rows(const float *x, size_t stride, const swl_activations *to, size_t tile, const size_t rows) {
    const size_t blocks = to->columns / 32, first = tile * SWL_TILE;
    const size_t spans = swl_spans(to->columns);
    swl_row_slot slots[SWL_TILE];
    float limits[16] = {0};
    // Where shifts go later.
    uint32_t *largest = (uint32_t *)to->shifts + first * blocks;
    for (size_t t = 0; t < rows; t++) {
        slots[t] = (swl_row_slot){.x = x + (first + t) * stride, .row = t};
        slots[t].blocks = first * blocks + t;
        slots[t].spans = first * spans + t;
        slots[t].values = first * to->columns + t * 4;
        limits[t] = swl_find_largest(slots[t].x, blocks, largest + t, rows);
    }
    swl_rest *const begin = to->rests + first * (to->columns / 4), *list = begin;
    uint32_t *starts = to->rest_starts + tile * (spans + 1);
    starts[0] = 0;
    for (size_t s = 0; s < spans; s++) {
        const size_t block = s * SWL_SPAN, count = blocks - block < SWL_SPAN ? blocks - block : SWL_SPAN;
        swl_span span;
        swl_find_span(largest + block * rows, count, rows, limits, &span);
        for (size_t t = 0; t < rows; t++) {
            if (count == SWL_SPAN)
                swl_quantize_span(to, &slots[t], block, SWL_SPAN, rows, &span, &list);
            else
                swl_quantize_span(to, &slots[t], block, count, rows, &span, &list);
        }
        starts[s + 1] = (uint32_t)(list - begin);
    }
}

static void swl_quantize(const float *x, size_t stride, const swl_activations *to, size_t tile) {
    const size_t rows = swl_tile_rows(to->tokens, tile);
    if (rows == SWL_TILE)
        swl_quantize_rows(x, stride, to, tile, SWL_TILE);
    else
        swl_quantize_rows(x, stride, to, tile, rows);
}
