// A panel: some columns of 16 weight rows, unpacked for the micro-kernels.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

/// What a format subtracts: nothing, a float for each scale, or a float of a span times an integer for each scale.
typedef enum swl_minimums { swl_no_minimums, swl_float_minimums, swl_integer_minimums } swl_minimums;

/// For integer formats. values: [columns / 4][16 rows][4]; scales and minimums: [blocks][16], or [blocks * 2][16] where the
/// format has a scale for each 16 columns. Integer minimums lie in pairs, [blocks / 2][16 rows][2], times the floats [spans][16].
typedef struct swl_panel {
    v16u values[SWL_CHUNK / 4];
    float scales[SWL_CHUNK / 16][16];
    union {
        float floats[SWL_CHUNK / 32][16];
        struct {
            v16u pairs[SWL_CHUNK / 32];
            float unit[SWL_CHUNK / 256][16];
        } integers;
    } minimums;
} swl_panel;

/// The minimum of scale i as a float; `halves` is the format's.
SWL_INLINE v16f swl_minimum(const swl_panel *panel, size_t i, const int halves, const int minimums) {
    if (minimums == swl_float_minimums) return swl_load(panel->minimums.floats[i]);
    const v16u pair = panel->minimums.integers.pairs[i / 2];
    const v16f unit = swl_load(panel->minimums.integers.unit[i / (halves ? SWL_SPAN * 2 : SWL_SPAN)]);
    return unit * swl_float((v16i)(i % 2 ? pair >> 16 : pair & 0xffffu));
}

/// Formats whose values take all 8 bits are stored with a bias of 128, or as signed bytes.
#define SWL_WIDE_BIAS (SWL_SIGNED_PANELS ? 0 : 128)
#define SWL_WIDE_BIAS_BITS 7
#define SWL_WIDE_FLIP (SWL_SIGNED_PANELS ? 0u : 0x80808080u)

/// One activation row, from the first of up to SWL_SINGLE blocks on, and its dot products with 16 weight rows: a row's
/// bytes stay where they lie, so nothing is transposed and nothing but the sums is stored.
#define SWL_SINGLE SWL_SPAN
typedef struct swl_single {
    const int8_t *values, *rest_values;
    const uint8_t *flags;
    const char *next; // what is read after this, asked for in passing
    /// [blocks], or [blocks * 2] where the format has a scale for each 16 columns.
    v16i dots[SWL_SINGLE * 2];
    /// [blocks * 2], only for blocks with a flag.
    v16i rests[SWL_SINGLE * 2];
} swl_single;

/// Where unpacked weights go: values into the panel, or into dot products with a single activation row; scales and minimums
/// always into the panel. All but the addresses is known when an unpacker is compiled.
typedef struct swl_sink {
    swl_panel *panel;
    swl_single *single; // or null
    v16i (*open)[4];    // sums of blocks whose first half has been given
    int halves, wide;
    size_t bytes;       // that a block takes in 16 rows
} swl_sink;

/// Sixteen bytes of each row, in the layout that the sink takes.
SWL_INLINE void swl_take(const swl_sink *to, const uint8_t *const *rows, size_t offset, v16u w[4]) {
    if (to->single)
        swl_across(rows, offset, w);
    else
        swl_rows(rows, offset, w);
}

/// Gives half a block, 16 columns: the first half before the second. `slot` (0 or 1) tells apart blocks given in turns.
SWL_INLINE void swl_give(const swl_sink *to, size_t block, const int half, const int slot, const v16u w[4]) {
    if (!to->single) {
        for (int i = 0; i < 4; i++) to->panel->values[block * 8 + (size_t)(half * 4 + i)] = w[i];
        return;
    }
    swl_single *single = to->single;
    // Into the second cache level, a little at a time: asked for in lots, requests wait for each other.
    for (size_t line = 0; half && line < (to->bytes + 63) / 64; line++) __builtin_prefetch(single->next + line * 64, 0, 2);
    if (half) single->next += to->bytes;
    const size_t column = block * 32 + (size_t)half * 16, at = to->halves ? block * 2 + (size_t)half : block;
    const v4u x = swl_load_row((const uint8_t *)single->values + column);
    const v16u quads = __builtin_shufflevector(x, x, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    v16i *sums = to->open[slot];
    for (int i = 0; i < 4; i++) sums[i] = swl_dot_lanes(to->halves || !half ? (v16i)(0) : sums[i], w[i], quads, to->wide);
    if (to->halves || half) single->dots[at] = swl_row_sums(sums);
    if (__builtin_expect(single->flags[block], 0)) {
        const v4u y = swl_load_row((const uint8_t *)single->rest_values + column);
        const v16u rests = __builtin_shufflevector(y, y, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        v16i parts[4];
        for (int i = 0; i < 4; i++) parts[i] = swl_dot_lanes((v16i)(0), w[i], rests, to->wide);
        single->rests[block * 2 + (size_t)half] = swl_row_sums(parts);
    }
}

/// Both halves of a block.
SWL_INLINE void swl_give_block(const swl_sink *to, size_t block, const v16u values[8]) {
    swl_give(to, block, 0, 0, values);
    swl_give(to, block, 1, 0, values + 4);
}

/// The two forms of an unpacker: for a panel, and for a single activation row. `bytes` are a row's for `columns`.
#define SWL_UNPACKERS(name, columns, bytes, halves, wide)                                                             \
    static void swl_panel_##name(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *panel) {         \
        const swl_sink to = {panel, NULL, NULL, halves, wide, 0};                                                     \
        swl_unpack_##name(rows, block, blocks, &to);                                                                  \
    }                                                                                                                 \
    static void swl_single_##name(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *panel,          \
                                  swl_single *single) {                                                               \
        v16i open[2][4];                                                                                              \
        const swl_sink to = {panel, single, open, halves, wide, (bytes) * 512 / (columns)};                           \
        swl_unpack_##name(rows, block, blocks, &to);                                                                  \
    }

/// 16 bytes of nibbles a row: values 0...15 are the low ones, 16...31 the high ones.
SWL_INLINE void swl_nibbles(const swl_sink *to, const uint8_t *const *rows, size_t offset, v16u values[8]) {
    v16u w[4];
    swl_take(to, rows, offset, w);
    for (int i = 0; i < 4; i++) {
        values[i] = w[i] & 0x0f0f0f0fu;
        values[4 + i] = w[i] >> 4 & 0x0f0f0f0fu;
    }
}
