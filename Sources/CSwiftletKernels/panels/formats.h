// The table of formats: what each type's panel looks like.
#pragma once

#include "k_quants.h"
#include "legacy.h"
#include "tables.h"

typedef struct swl_format {
    /// Unpacks `blocks` blocks of 32 columns of 16 rows; only for integer formats.
    void (*panel)(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to);
    /// The same for one activation row and at most SWL_SPAN blocks: scales and minimums, and the dot products.
    void (*single)(const uint8_t *const *rows, size_t block, size_t blocks, swl_panel *to, swl_single *single);
    swl_scales halves; // what a scale (and a minimum) holds for
    swl_minimums minimums;
    int wide;     // values take 8 bits
    uint32_t bias; // log2 of it, where there is one: see SWL_IS_BIASED
} swl_format;

/// Whether values are stored with a bias: not where a minimum does it, nor as signed bytes.
#define SWL_IS_BIASED(minimums, wide) (!(minimums) && !((wide) && SWL_SIGNED_PANELS))

#define SWL_FORMAT(name, halves, minimums, wide, bias) \
    (swl_format){swl_panel_##name, swl_single_##name, halves, minimums, wide, bias}

static swl_format swl_format_of(uint32_t type) {
    switch (type) {
    case 2: return SWL_FORMAT(q4_0, 0, 0, 0, 3);
    case 3: return SWL_FORMAT(q4_1, 0, 1, 0, 0);
    case 6: return SWL_FORMAT(q5_0, 0, 0, 0, 4);
    case 7: return SWL_FORMAT(q5_1, 0, 1, 0, 0);
    case 8: return SWL_FORMAT(q8_0, 0, 0, 1, SWL_WIDE_BIAS_BITS);
    case 10: return SWL_FORMAT(q2_k, swl_integer_half_scales, 2, 0, 0);
    case 11: return SWL_FORMAT(q3_k, swl_half_scales, 0, 0, 2);
    case 12: return SWL_FORMAT(q4_k, 0, 2, 0, 0);
    case 13: return SWL_FORMAT(q5_k, 0, 2, 0, 0);
    case 14: return SWL_FORMAT(q6_k, swl_half_scales, 0, 0, 5);
    case 20: return SWL_FORMAT(iq4_nl, 0, 0, 1, SWL_WIDE_BIAS_BITS);
    case 23: return SWL_FORMAT(iq4_xs, 0, 0, 1, SWL_WIDE_BIAS_BITS);
    case 39: return SWL_FORMAT(mxfp4, 0, 0, 1, SWL_WIDE_BIAS_BITS);
    default: return (swl_format){0};
    }
}
