// A panel: some columns of 16 weight rows, unpacked for the micro-kernels.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

/// What a format subtracts: nothing, a float for each scale, or a float of a span times an integer for each scale.
typedef enum swl_minimums { swl_no_minimums, swl_float_minimums, swl_integer_minimums } swl_minimums;

/// Whether a scale holds for all 32 columns of a block or for 16 of them; these are floats, or small integers times a float of a
/// span: then dot products with 16 columns take 16 bits.
typedef enum swl_scales { swl_block_scales, swl_half_scales, swl_integer_half_scales } swl_scales;

/// For integer formats. values: [columns / 4][16 rows][4]; scales and minimums: [blocks][16], or [blocks * 2][16] where the
/// format has a scale for each 16 columns. Integer scales are pairs, [blocks][16 rows][2], and integer minimums bytes,
/// [scales / 4][16 rows][4], times the floats [spans][16].
typedef struct swl_panel {
    v16u values[SWL_CHUNK / 4];
    union {
        float floats[SWL_CHUNK / 16][16];
        struct {
            v16u pairs[SWL_CHUNK / 32];
            float unit[SWL_CHUNK / 256][16];
        } integers;
    } scales;
    union {
        float floats[SWL_CHUNK / 32][16];
        struct {
            v16u bytes[SWL_CHUNK / 64];
            float unit[SWL_CHUNK / 256][16];
        } integers;
    } minimums;
} swl_panel;

/// The scale i as a float; `halves` is the format's, as everywhere.
SWL_INLINE v16f swl_scale_of(const swl_panel *panel, size_t i, const int halves) {
    if (halves != swl_integer_half_scales) return swl_load(panel->scales.floats[i]);
    const v16i pair = SWL_BITS_I(panel->scales.integers.pairs[i / 2]);
    return swl_load(panel->scales.integers.unit[i / (SWL_SPAN * 2)]) * swl_float((i % 2 ? pair : pair << 16) >> 16);
}

/// The minimum of scale i as a float.
SWL_INLINE v16f swl_minimum(const swl_panel *panel, size_t i, const int halves, const int minimums) {
    if (minimums == swl_float_minimums) return swl_load(panel->minimums.floats[i]);
    const v16u bytes = panel->minimums.integers.bytes[i / 4];
    const v16f unit = swl_load(panel->minimums.integers.unit[i / (halves ? SWL_SPAN * 2 : SWL_SPAN)]);
    return unit * swl_byte_float(bytes, (int)(i % 4));
}

/// Formats whose values take all 8 bits are stored with a bias of 128, or as signed bytes.
#define SWL_WIDE_BIAS (SWL_SIGNED_PANELS ? 0 : 128)
#define SWL_WIDE_BIAS_BITS 7
#define SWL_WIDE_FLIP (SWL_SIGNED_PANELS ? 0u : 0x80808080u)

/// One activation row, from the first of up to SWL_SPAN blocks on, and its dot products with 16 weight rows.
typedef struct swl_single {
    const int8_t *values;
    const uint8_t *flags; // of blocks whose weights are wanted in the panel as well
    const char *next;     // what is read after this, asked for in passing
    /// [blocks], or [blocks * 2] where the format has a scale for each 16 columns.
    v16i dots[SWL_SPAN * 2];
} swl_single;

/// Where unpacked weights go: values into the panel, or into dot products with a single activation row; scales and minimums
/// always into the panel. All but the addresses is known when an unpacker is compiled.
typedef struct swl_sink {
    swl_panel *panel;
    swl_single *single; // or null
    v16i *open;         // dot products of blocks whose first half has been given
    int halves, wide;
    size_t bytes;       // that a block takes in 16 rows
} swl_sink;

/// Gives half a block, 16 columns: the first half before the second. `slot` (0 or 1) tells apart blocks given in turns.
SWL_INLINE void swl_give(const swl_sink *to, size_t block, const int half, const int slot, const v16u w[4]) {
    const size_t first = block * 8 + (size_t)half * 4, at = to->halves ? block * 2 + (size_t)half : block;
    swl_single *single = to->single;
    if (!single || __builtin_expect(single->flags[block], 0))
        for (size_t i = 0; i < 4; i++) to->panel->values[first + i] = w[i];
    if (!single) return;
    // Into the second cache level, a little at a time: asked for in lots, requests wait for each other.
    for (size_t line = 0; half && line < (to->bytes + 63) / 64; line++) __builtin_prefetch(single->next + line * 64, 0, 2);
    if (half) single->next += to->bytes;
    v16i dot = to->halves || !half ? (v16i)(0) : to->open[slot];
    for (size_t i = 0; i < 4; i++) dot = swl_dot(dot, w[i], swl_quad(single->values + (first + i) * 4), to->wide);
    if (to->halves || half)
        single->dots[at] = dot;
    else
        to->open[slot] = dot;
}

/// The first two and the last two bytes of each lane as pairs of 16 bits.
SWL_INLINE void swl_store_pairs(v16u bytes, v16u pairs[2]) {
    pairs[0] = (bytes & 0xffu) | (bytes & 0xff00u) << 8;
    pairs[1] = (bytes >> 16 & 0xffu) | (bytes >> 24) << 16;
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
        v16i open[2];                                                                                                 \
        const swl_sink to = {panel, single, open, halves, wide, (bytes) * 512 / (columns)};                           \
        swl_unpack_##name(rows, block, blocks, &to);                                                                  \
    }

/// 16 bytes of nibbles a row: values 0...15 are the low ones, 16...31 the high ones.
SWL_INLINE void swl_nibbles(const uint8_t *const *rows, size_t offset, v16u values[8]) {
    v16u w[4];
    swl_rows(rows, offset, w);
    for (int i = 0; i < 4; i++) {
        values[i] = w[i] & 0x0f0f0f0fu;
        values[4 + i] = w[i] >> 4 & 0x0f0f0f0fu;
    }
}
