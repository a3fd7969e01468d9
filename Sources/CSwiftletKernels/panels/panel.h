// A panel: some columns of 16 weight rows, unpacked for the micro-kernels.
#pragma once

#include "../common/lanes.h"
#include "../include/swl.h"

/// For integer formats. values: [columns / 4][16 rows][4]; scales and minimums: [blocks][16], or [blocks * 2][16] where the
/// format has a scale for each 16 columns.
typedef struct swl_panel {
    v16u values[SWL_CHUNK / 4];
    float scales[SWL_CHUNK / 16][16];
    float minimums[SWL_CHUNK / 16][16];
} swl_panel;

/// For float formats: [columns][16 rows].
typedef struct swl_float_panel {
    float values[SWL_CHUNK][16];
} swl_float_panel;

/// Bias of formats whose values take all 8 bits.
#define SWL_WIDE_BIAS (SWL_SIGNED_PANELS ? 0 : 128)
#define SWL_WIDE_FLIP (SWL_SIGNED_PANELS ? 0u : 0x80808080u)

/// 16 bytes of nibbles a row: values 0...15 are the low ones, 16...31 the high ones.
SWL_INLINE void swl_nibbles(const uint8_t *const *rows, size_t offset, v16u values[8]) {
    v16u w[4];
    swl_rows(rows, offset, w);
    for (int i = 0; i < 4; i++) {
        values[i] = w[i] & 0x0f0f0f0fu;
        values[4 + i] = w[i] >> 4 & 0x0f0f0f0fu;
    }
}
